// Customer service that survives its own death: `start 4 [begin | decide] [folder]`; both, one after the other, by default.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asCalled, beside } from '../lib/place.ts';

const [given = 'both', folder] = process.argv.slice(2);
const dir = folder === undefined ? beside(import.meta.url, 'state') : asCalled(folder);
const letter = 'Hello, orders 1042 and 1043 arrived broken. May I have my money back? Mia';

if (given !== 'decide') await begin();
if (given !== 'begin') await decide();

/** The agent works until one refund is paid and another waits for a person; then its process is killed, as a power cut would. */
async function begin(): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const desk = startDesk([dir, letter], ['ignore', 'pipe', 'inherit']);
  let told = '';
  desk.stdout?.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    told += text;
    if (/waits for a person/.test(told) && /← refund: Paid/.test(told)) desk.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => desk.once('close', (_, by) => resolve(by)));
  if (signal !== 'SIGKILL') throw new Error('The desk ended by itself: nothing waited.');
  console.log(`\n⚡ Process ${desk.pid} was killed (SIGKILL). All that is left is ${dir}.`);
  console.log(`Paid so far: ${await paid()}\n`);
}

/** Another process, now or days later: it asks the person, and the run goes on where it was. */
async function decide(): Promise<void> {
  const desk = startDesk([dir], 'inherit');
  process.exitCode = await new Promise<number>((resolve) =>
    desk.once('close', (code) => resolve(code ?? 1)),
  );
  console.log(`\nPaid in all: ${await paid()}`);
}

function startDesk(args: readonly string[], stdio: 'inherit' | ['ignore', 'pipe', 'inherit']) {
  const words = [...process.execArgv, beside(import.meta.url, 'desk.ts'), ...args];
  return spawn(process.execPath, words, { stdio });
}

async function paid(): Promise<string> {
  const text = await readFile(join(dir, 'ledger.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => JSON.parse(line) as { id: string; eur: number });
  return (
    entries.map(({ id, eur }) => `${eur.toFixed(2)} EUR for order ${id}`).join(', ') || 'nothing'
  );
}

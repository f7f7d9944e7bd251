// Customer service that survives its own death: `start 4 [begin | decide] [folder]`; both, one after the other, by default.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { asCalled, beside } from '../lib/place.ts';

const [given = 'both', folder] = process.argv.slice(2);
const dir = folder === undefined ? beside(import.meta.url, 'state') : asCalled(folder);
const letter = 'Hello, orders 1042 and 1043 arrived broken. May I have my money back? Mia';

const begun = given === 'decide' || (await begin());
if (begun && given !== 'begin') await decide();

/** The agent works until one refund is paid and another waits for a person; then its process is killed, as a power cut would. */
async function begin(): Promise<boolean> {
  await mkdir(dir, { recursive: true });
  // Only what the example itself has made: the folder may be anybody's.
  for (const name of ['mia.jsonl', 'mia.large', 'ledger.jsonl']) {
    await rm(join(dir, name), { recursive: true, force: true });
  }
  const desk = startDesk([dir, letter], ['ignore', 'pipe', 'inherit']);
  let told = '';
  let silence: NodeJS.Timeout | undefined;
  desk.stdout?.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    told += text;
    if (!told.includes('waits for a person')) return;
    // A model may ask for the large refund alone: then nothing more comes.
    clearTimeout(silence);
    silence = setTimeout(() => desk.kill('SIGKILL'), /← refund: Paid/.test(told) ? 0 : 5_000);
  });
  const signal = await new Promise((resolve) => desk.once('close', (_, by) => resolve(by)));
  clearTimeout(silence);
  if (signal !== 'SIGKILL') {
    console.error('\nThe desk ended by itself: no refund waited for a person.');
    process.exitCode = 1;
    return false;
  }
  console.log(`\n⚡ Process ${desk.pid} was killed (SIGKILL). All that is left is ${dir}.`);
  console.log(`Paid so far: ${await paid()}\n`);
  return true;
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
  // It is started as this program was: from its source, or built.
  const [, main = ''] = process.argv;
  const desk = join(dirname(main), `desk${extname(main)}`);
  return spawn(process.execPath, [...process.execArgv, desk, ...args], { stdio });
}

async function paid(): Promise<string> {
  const text = await readFile(join(dir, 'ledger.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => JSON.parse(line) as { id: string; eur: number });
  return (
    entries.map(({ id, eur }) => `${eur.toFixed(2)} EUR for order ${id}`).join(', ') || 'nothing'
  );
}

import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';
import { expect, it } from 'vitest';
import { examples, run, tempFolder } from '../test/run.ts';

const program = '01-first-tool/main.ts';

async function copyOfInvoices(): Promise<string> {
  const folder = await tempFolder();
  await cp(join(examples, '01-first-tool/invoices'), folder, { recursive: true });
  return folder;
}

it('says that its model is scripted, and answers from the files', async () => {
  const { shown, code } = await run(program);
  expect(code).toBe(0);
  expect(shown).toMatch(/the model is SCRIPTED/);
  expect(shown).toMatch(/→ list_files\(.*\n.*→ search_files\(/);
  expect(shown).toMatch(/← add_up: \{"count":3,"eur":756.4\}/);
  expect(shown).toMatch(/756\.40 EUR are still open:\n- Harbour School: 412\.50 EUR/);
  expect(shown).toMatch(
    /4 steps, 6 calls, [\d,]+ tokens \([\d,]+ cached\), \$0\.\d{4} at list price/,
  );
});

it('gives another answer when a file is changed', async () => {
  const folder = await copyOfInvoices();
  const paid = join(folder, '2026-10/2026-032.txt');
  await writeFile(paid, (await readFile(paid, 'utf8')).replace('status: open', 'status: paid'));
  const { stdout } = await run(program, [folder]);
  expect(stdout).toMatch(/343\.90 EUR are still open:\n- Café Linde: 247\.50 EUR/);
  expect(stdout).not.toMatch(/Harbour/);
});

it('finds a folder from where it was called, which is not where pnpm runs it', async () => {
  const folder = await copyOfInvoices();
  const env = { INIT_CWD: dirname(folder) };
  const { stdout, code } = await run(program, [basename(folder)], { env });
  expect(stdout).toMatch(/756\.40 EUR are still open/);
  expect(code).toBe(0);
});

it('says so when nothing is open, and when the script does not know the question', async () => {
  const folder = await tempFolder();
  expect((await run(program, [folder])).stdout).toMatch(/Nobody owes you anything/);
  expect((await run(program, [folder, 'Why?'])).stdout).toMatch(/know one question only/);
});

it.each([
  ['a folder that is not there', ['./nowhere'], {}, /nowhere/],
  [
    'a host that cannot be reached',
    [],
    { ANYFAST_API_KEY: 'sk-x', ANYFAST_BASE_URL: 'http://127.0.0.1:9/v1' },
    /127\.0\.0\.1:9/,
  ],
  [
    'a host without a key',
    [],
    { ANYFAST_BASE_URL: 'http://127.0.0.1:9/v1' },
    /No connection to 127\.0\.0\.1:9/,
  ],
])('says in a sentence, without a stack, what to do about %s', async (_what, args, env, words) => {
  const { shown, code } = await run(program, args, { env });
  expect(code).toBe(1);
  expect(shown).toMatch(words);
  expect(shown).not.toMatch(/\n\s+at /);
});

it('talks to the endpoint that the environment names', async () => {
  const script: Script = [{ text: 'I am asked about your notes.' }];
  const simulator = await startSimulator({ script });
  const env = { ANYFAST_API_KEY: simulator.key, ANYFAST_BASE_URL: simulator.url };
  const { shown } = await run(program, ['.', 'What is it?'], { env });
  await simulator.close();
  expect(shown).toMatch(/What is it\?[\s\S]*I am asked about your notes\./);
  expect(shown).not.toMatch(/SCRIPTED/);
});

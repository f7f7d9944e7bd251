// An evaluation, recorded and then played: `start 16 [folder of the recording]`.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { clerk } from '../02-terminal-chat/script.ts';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';

const [given] = process.argv.slice(2);
const dir = given === undefined ? beside(import.meta.url, 'state') : asCalled(given);
const tape = join(dir, 'ferries.jsonl');
const screen = new Screen({ input: process.stdin, output: process.stdout });

let recorded: number | null = null;
await withModel(clerk, async (_model, { baseURL, apiKey }) => {
  screen.line('bold', 'Asked of the endpoint, and recorded:');
  recorded = await vitest({
    THROUGHLINE_CASSETTES: 'record',
    ...(baseURL === undefined ? {} : { ANYFAST_BASE_URL: baseURL }),
    ...(apiKey === undefined ? {} : { ANYFAST_API_KEY: apiKey }),
  });
});
if (recorded === 0) {
  screen.line('bold', `Played from ${tape}, with no endpoint and no key:`);
  const played = await vitest({ THROUGHLINE_CASSETTES: 'replay', ANYFAST_API_KEY: undefined });
  process.exitCode = played === 0 ? 0 : 1;
} else process.exitCode = 1;

/** `npx vitest run` in this folder. Resolves with its exit code. */
async function vitest(env: NodeJS.ProcessEnv): Promise<number | null> {
  await mkdir(dir, { recursive: true });
  const { resolve } = createRequire(import.meta.url);
  const command = join(dirname(resolve('vitest/package.json')), 'vitest.mjs');
  // Inside this repository it loads what this program was started from: the packages' sources, or what is built of them.
  const [, main = ''] = process.argv;
  const config = join(dirname(main), `vitest.config${extname(main)}`);
  const words = [command, 'run', '--configLoader=native', '--config', config];
  const child = spawn(process.execPath, [...process.execArgv, ...words], {
    cwd: import.meta.dirname,
    env: { ...process.env, VITEST: undefined, FERRIES_TAPE: tape, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((done, failed) => child.once('error', failed).once('close', done));
}

// Explores a folder of real files and answers a question about it: `pnpm start [folder] [question]`.
// With ANYFAST_API_KEY or ANYFAST_BASE_URL it talks to the endpoint. Without, it starts the simulator, whose model is
// scripted.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyfast } from '@throughline/anyfast';
import { ThroughlineError } from '@throughline/core';
import type { CallPending } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { explorer } from './agent.ts';
import { bookkeeper, theQuestion } from './scripted.ts';
import { Screen } from './show.ts';

const screen = new Screen({ input: process.stdin, output: process.stdout });
const invoices = fileURLToPath(new URL('invoices', import.meta.url));
const [given, question = theQuestion] = process.argv.slice(2);
// pnpm runs it in the folder of the examples, and says where it was called.
const folder = given === undefined ? invoices : resolve(process.env['INIT_CWD'] ?? '.', given);
const hasEndpoint = Boolean(process.env['ANYFAST_API_KEY'] || process.env['ANYFAST_BASE_URL']);

try {
  if (!hasEndpoint) await withSimulator();
  else await explore(anyfast('kimi-k2.6'));
} catch (error) {
  if (!(error instanceof ThroughlineError)) throw error;
  screen.line('red', error.message);
  process.exitCode = 1;
}

// #region stream
async function explore(model: ReturnType<typeof anyfast>): Promise<void> {
  screen.line('bold', `${question}\n`);
  const decide = (call: CallPending) => screen.decide(call);
  const run = explorer(model, folder).stream(question, { decide });
  for await (const event of run) screen.show(event);
  screen.summary(await run.result);
}
// #endregion

async function withSimulator(): Promise<void> {
  screen.line(
    'yellow',
    'ANYFAST_API_KEY is not set, so the model is SCRIPTED: a simulator of the endpoint plays it on this machine.\n' +
      'The tools, the files, HTTP, streaming and the loop are real: change a file in the folder, and the answer changes.\n',
  );
  if (question !== theQuestion) {
    screen.line(
      'red',
      `The scripted model knows one question only: “${theQuestion}” Set ANYFAST_API_KEY to ask your own.`,
    );
    process.exitCode = 1;
    return;
  }
  const simulator = await startSimulator({ script: bookkeeper, pieceDelayMs: 8 });
  try {
    await explore(anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key }));
  } finally {
    await simulator.close();
  }
}

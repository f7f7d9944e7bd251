// Which model an example talks to. It owns that choice and how a program ends; it does not own what a program does.
import { anyfast } from '@throughline/anyfast';
import { ThroughlineError } from '@throughline/core';
import type { Model } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Script } from '@throughline/simulator';

/** Where the model is reached: the options of `anyfast`, empty where the environment says it all. */
export interface Reach {
  readonly baseURL?: string;
  readonly apiKey?: string;
}

/** Whether the endpoint answers: the environment has a key, or names a base URL. */
export const hasEndpoint = Boolean(
  process.env['ANYFAST_API_KEY'] || process.env['ANYFAST_BASE_URL'],
);

/**
 * Does `work` with Kimi K2.6 at Anyfast. Without a key the simulator plays `script` in this process, and the terminal says
 * so. A `ThroughlineError` becomes one sentence and the exit code 1.
 */
export async function withModel(
  script: Script,
  work: (model: Model, reach: Reach) => Promise<void>,
): Promise<void> {
  try {
    if (hasEndpoint) await work(anyfast('kimi-k2.6'), {});
    else await withSimulator(script, work);
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function withSimulator(
  script: Script,
  work: (model: Model, reach: Reach) => Promise<void>,
): Promise<void> {
  console.error(
    'ANYFAST_API_KEY is not set, so the model is SCRIPTED: a simulator of the endpoint plays it in this process.\n' +
      'Tools, files, HTTP, streaming and the loop are real. What the model says comes from what the tools return.\n',
  );
  const pieceDelayMs = process.stdout.isTTY ? 8 : 0;
  const simulator = await startSimulator({ script, pieceDelayMs });
  const reach = { baseURL: simulator.url, apiKey: simulator.key };
  try {
    await work(anyfast('kimi-k2.6', reach), reach);
  } finally {
    await simulator.close();
  }
}

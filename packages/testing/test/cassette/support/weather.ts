import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import type { AnyfastOptions } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Run, RunEvent, RunResult } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type {
  ChatRequest,
  ScriptedAnswer,
  Simulator,
  SimulatorOptions,
} from '@throughline/simulator';
import { onTestFinished } from 'vitest';

/** Thoughts with what is easily lost: marks, emoji, white space at the end. */
export const thought = 'I need « both » cities 🌦, e\u0301 too.\n\n ';

/** Asks for two cities at once, then says what it was told. */
export function weatherScript({ messages }: ChatRequest): ScriptedAnswer {
  const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
  if (told.length > 0) return { reasoning: `${thought}Now I know.`, text: told.join(' ') };
  return {
    reasoning: thought,
    text: 'One moment.',
    calls: ['Oslo', 'Łódź'].map((city) => ({ name: 'get_weather', arguments: { city } })),
  };
}

export const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city.',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  execute: (input) => `Sunny in ${(input as { city: string }).city}.`,
});

/** A folder for one test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'cassettes-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A simulator that ends with the test, if not before. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ script: weatherScript, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Where nobody listens. */
export const nobody = { baseURL: 'http://127.0.0.1:9/v1', apiKey: 'a-key-of-nobody' };

/** What a run tells, without what differs from one run to the next. */
export interface Told {
  readonly events: readonly object[];
  readonly result: RunResult | undefined;
  readonly error: unknown;
}

/** One run of an agent with the weather. */
export async function ask(
  options: AnyfastOptions,
  input = 'How is the weather?',
  see: (event: RunEvent, run: Run) => void = () => {},
): Promise<Told> {
  const model = anyfast('kimi-k2.6', { retry: { firstWaitMs: 1 }, ...options });
  const run = new Agent({ model, tools: [getWeather] }).stream(input);
  const events: object[] = [];
  try {
    for await (const event of run) {
      events.push(timeless(event));
      see(event, run);
    }
    return { events, result: await run.result, error: undefined };
  } catch (error) {
    return { events, result: undefined, error };
  }
}

function timeless(event: RunEvent): object {
  const { runId: _, ...told } = event;
  if (told.type === 'run.start') return { ...told, startedAtMs: 0 };
  return told.type === 'answer' ? { ...told, timing: 0, endedAtMs: 0 } : told;
}

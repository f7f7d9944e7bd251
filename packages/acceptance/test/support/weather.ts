import { anyfast } from '@throughline/anyfast';
import { Agent, limit, ThroughlineError, tool } from '@throughline/core';
import type { RunEvent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type {
  ChatRequest,
  FaultUse,
  RecordedRequest,
  ScriptedAnswer,
} from '@throughline/simulator';
import * as z from 'zod';

export const answerText = 'It is sunny in Paris and in Oslo.';

/** How the scripted model goes about it. */
export interface Manner {
  /** Says nothing beside its calls. */
  readonly quiet?: boolean;
  /** Asks for one city after the other instead of both at once. */
  readonly oneByOne?: boolean;
}

/** Asks for two cities until it has both, then answers. Whatever it is told, it can go on. */
function weatherScript({ quiet = false, oneByOne = false }: Manner) {
  return ({ messages }: ChatRequest): ScriptedAnswer => {
    const known = messages.filter(({ role, content }) => role === 'tool' && content === 'Sunny.');
    const missing = ['Paris', 'Oslo'].slice(
      oneByOne ? known.length : 0,
      oneByOne ? known.length + 1 : 2,
    );
    if (known.length >= 2 || missing.length === 0)
      return { reasoning: 'I know.', text: answerText };
    return {
      reasoning: 'I need to ask.',
      text: quiet ? undefined : 'Let me look.',
      calls: missing.map((city) => ({ name: 'get_weather', arguments: { city } })),
    };
  };
}

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city.',
  inputSchema: z.object({ city: z.enum(['Paris', 'Oslo']) }),
  effect: 'write', // so that a call that should not have run would be counted
  execute: () => 'Sunny.',
});

/** What became of one run in which something went wrong. */
export interface Outcome {
  readonly kind: 'recovered' | 'told the model' | 'typed reason' | 'typed error' | 'silent';
  /** How: the error's code, or what was done. */
  readonly how: string;
  readonly events: readonly RunEvent[];
  readonly requests: readonly RecordedRequest[];
  readonly text: string;
}

/** How it is served and read. */
export interface Settings {
  readonly stream: boolean;
  readonly cutBytes: number;
  /** How long silence is borne. */
  readonly patienceMs: number;
  /** Over the platform's `fetch` instead of what is there by default. */
  readonly overFetch?: boolean;
}

/** One run against a simulator with these faults. */
export async function runWithFaults(
  faults: readonly FaultUse[],
  settings: Manner & Settings,
): Promise<Outcome> {
  const { stream, cutBytes, patienceMs, overFetch = false } = settings;
  const simulator = await startSimulator({ script: weatherScript(settings), faults, cutBytes });
  const events: RunEvent[] = [];
  const model = anyfast('kimi-k2.6', {
    baseURL: simulator.url,
    apiKey: simulator.key,
    stream,
    firstByteTimeoutMs: patienceMs,
    idleTimeoutMs: patienceMs,
    retry: { firstWaitMs: 1 },
    ...(overFetch ? { fetch: (url, init) => fetch(url, init) } : {}),
  });
  const limits = [limit.steps(6), limit.repeats({ reasoningChars: 20_000 })];
  const run = new Agent({ model, tools: [getWeather], limits }).stream('What is the weather?');
  try {
    for await (const event of run) events.push(event);
    const { text, stopReason } = await run.result;
    const judged =
      stopReason === 'answer'
        ? judge(events, text)
        : { kind: 'typed reason' as const, how: `the run ends with \`${stopReason}\`` };
    return { ...judged, events, requests: simulator.requests, text };
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    const requests = simulator.requests;
    return { kind: 'typed error', how: `\`${error.code}\``, events, requests, text: '' };
  } finally {
    await simulator.close();
  }
}

function judge(events: readonly RunEvent[], text: string): Pick<Outcome, 'kind' | 'how'> {
  if (text !== answerText) return { kind: 'silent', how: text };
  const notOk = events.flatMap((event) =>
    event.type === 'call.end' && event.outcome !== 'ok' ? [event.outcome] : [],
  );
  if (notOk.length > 0) return { kind: 'told the model', how: `the call is ${notOk[0]}` };
  const has = (type: RunEvent['type']) => events.some((event) => event.type === type);
  if (has('step.retry')) return { kind: 'recovered', how: 'the answer is asked again' };
  const mended = events.some((event) => event.type === 'answer' && event.mended !== undefined);
  if (mended) return { kind: 'recovered', how: 'mended, reported' };
  if (has('warning')) return { kind: 'recovered', how: 'mended, with a warning' };
  return { kind: 'recovered', how: 'as if nothing had happened' };
}

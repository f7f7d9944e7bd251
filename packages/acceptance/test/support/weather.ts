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

// Every piece of four letters is a frame of 240 bytes, and each byte is written and read by itself where an
// answer is cut into pieces of one. What is said is as short as the middle of each part allows.
export const answerText = 'It is sunny.';

const cities = ['Paris', 'Oslo'] as const;

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
    const missing = cities.slice(oneByOne ? known.length : 0, oneByOne ? known.length + 1 : 2);
    if (known.length >= 2 || missing.length === 0)
      return { reasoning: 'I know.', text: answerText };
    return {
      reasoning: 'I ask.',
      text: quiet ? undefined : 'Hold on.',
      calls: missing.map((city) => ({ name: 'get_weather', arguments: { city } })),
    };
  };
}

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city, or here.',
  // What has been mended fits: a city with white space around it, and none. A value without meaning does not.
  inputSchema: z.object({ city: z.string().trim().pipe(z.enum(cities)).optional() }),
  effect: 'write', // so that a call that should not have run is one too many: see `judge`
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
  /** In pieces of so many bytes, each a packet of its own. */
  readonly cutBytes: number;
  /** How long silence is borne. */
  readonly patienceMs: number;
  /** Over the platform's `fetch` instead of what is there by default, each packet read byte by byte. */
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
    ...(overFetch ? { fetch: byteByByte } : {}),
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

/**
 * What comes over the network, a byte at a time. It is cut here, since a packet for each byte costs the system several
 * times as much as reading it. What came before a failure is read first, as it is without `fetch`.
 */
async function byteByByte(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const reader = response.body?.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done || value === undefined) return controller.close();
        for (let at = 0; at < value.length; at++) controller.enqueue(value.subarray(at, at + 1));
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    // The next packet is asked for when all bytes of the last one are read.
    { highWaterMark: 0 },
  );
  const { status, headers } = response;
  return new Response(body, { status, headers });
}

function judge(events: readonly RunEvent[], text: string): Pick<Outcome, 'kind' | 'how'> {
  if (text !== answerText) return { kind: 'silent', how: text };
  const doubtful = actedOnDoubt(events);
  if (doubtful !== undefined) return { kind: 'silent', how: doubtful };
  const notOk = events.find((event) => event.type === 'call.end' && event.outcome !== 'ok');
  if (notOk?.type === 'call.end') {
    const how = `the call is ${notOk.outcome}: ${reasonIn(String(notOk.message.content))}`;
    return { kind: 'told the model', how };
  }
  const has = (type: RunEvent['type']) => events.some((event) => event.type === type);
  if (has('step.retry')) return { kind: 'recovered', how: 'the answer is asked again' };
  const [mend] = mendsIn(events);
  if (mend !== undefined) return { kind: 'recovered', how: `mended, reported: ${mend}` };
  if (has('warning')) return { kind: 'recovered', how: 'mended, with a warning' };
  return { kind: 'recovered', how: 'as if nothing had happened' };
}

/** A call that ran with arguments which the model did not write and nobody was told of, or twice in a step. */
function actedOnDoubt(events: readonly RunEvent[]): string | undefined {
  const ran = new Set<string>();
  for (const event of events) {
    if (event.type !== 'call.start') continue;
    const { step, arguments: text } = event;
    const written = cities.some((city) => text === JSON.stringify({ city }));
    if (!written && mendsIn(events).length === 0) return `a call ran with ${text}`;
    // Both calls of a step may have been mended to the same.
    if (written && ran.has(`${step} ${text}`)) return `a call ran twice with ${text}`;
    ran.add(`${step} ${text}`);
  }
  return undefined;
}

function mendsIn(events: readonly RunEvent[]): readonly string[] {
  return events
    .flatMap((event) => (event.type === 'answer' && event.mended) || [])
    .map((mend) => mend.replace(/^call \d+ \(\w*\): /, ''));
}

/** Why a call did not run, as the model read it, without what differs from one version of Node to the next. */
function reasonIn(told: string): string {
  const [, reason] = /^This call did not run: (.*?)(?: \(.*\))?(?:[.:]\s|\.?$)/s.exec(told) ?? [];
  return reason ?? told;
}

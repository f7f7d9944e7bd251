import { onTestFinished } from 'vitest';
import {
  startSimulator,
  type RecordedRequest,
  type Simulator,
  type SimulatorOptions,
} from '../src/index.ts';

/** Starts a simulator that is closed when the test has ended. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

/** A body that a strict endpoint takes, with changes. */
export function body(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    model: 'kimi-k2.6',
    thinking: { type: 'enabled', keep: 'all' },
    messages: [{ role: 'user', content: 'weather in Paris?' }],
    tools: [tool('get_weather')],
    ...changes,
  };
}

/** The same as a stream with usage. */
export function streamed(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return body({ stream: true, stream_options: { include_usage: true }, ...changes });
}

/** A tool of a name. */
export function tool(name: string, parameters: unknown = city): object {
  return { type: 'function', function: { name, description: 'Weather', parameters } };
}

const city = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
};

/** A call in a history. */
export function call(id: string, name = 'get_weather', args = '{"city":"Paris"}'): object {
  return { id, type: 'function', function: { name, arguments: args } };
}

/** What came back: status, headers and the whole text, or the error of the connection. */
export interface Reply {
  readonly status: number | undefined;
  readonly headers: Headers;
  readonly text: string;
  /** What the connection said when it broke. */
  readonly broken: string | undefined;
}

/** Posts a body to the simulator and reads all of the reply, also of one that breaks off. */
export async function ask(
  simulator: Simulator,
  content: unknown,
  init: { headers?: Record<string, string>; path?: string; signal?: AbortSignal } = {},
): Promise<Reply> {
  const { path = '/chat/completions', headers, signal } = init;
  let text = '';
  let response: Response | undefined;
  try {
    response = await fetch(simulator.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${simulator.key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof content === 'string' ? content : JSON.stringify(content),
      ...(signal && { signal }),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    const cause = (error as Error & { cause?: Error & { code?: string } }).cause;
    const broken = `${(error as Error).message} ${cause?.code ?? cause?.message ?? ''}`;
    return { status: response?.status, headers: response?.headers ?? new Headers(), text, broken };
  }
  return { status: response.status, headers: response.headers, text, broken: undefined };
}

/** The message of an error reply. */
export function errorOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(reply.text).error;
}

/** What JSON.parse gives: whatever the endpoint sent, right or wrong. */
export type Parsed = ReturnType<typeof JSON.parse>;

/** The payloads of the data lines of a stream, parsed where they are JSON. */
export function events(text: string): readonly Parsed[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((event) => event.startsWith('data:'))
    .map((event) => {
      const data = event
        .split(/\r?\n/)
        .map((line) => line.replace(/^data: ?/, ''))
        .join('\n');
      try {
        return JSON.parse(data);
      } catch {
        return data;
      }
    });
}

/** A stream put together the way a plain client does it. */
export interface Assembled {
  readonly reasoning: string;
  readonly content: string;
  readonly calls: readonly { id: string; name: string; arguments: string }[];
  readonly finish: string | undefined;
  readonly usage: Parsed;
  readonly done: boolean;
}

/** Puts a stream together, by index, with the first id and the first name. */
export function assemble(text: string): Assembled {
  const calls: { id: string; name: string; arguments: string }[] = [];
  const whole = { reasoning: '', content: '', calls, finish: undefined as string | undefined };
  let usage: unknown;
  let done = false;
  for (const event of events(text)) {
    if (event === '[DONE]') done = true;
    if (typeof event !== 'object') continue;
    usage = event.usage ?? usage;
    const choice = event.choices?.[0];
    if (!choice) continue;
    usage = choice.usage ?? usage;
    whole.finish = choice.finish_reason ?? whole.finish;
    whole.reasoning += choice.delta.reasoning_content ?? '';
    whole.content += choice.delta.content ?? '';
    for (const delta of choice.delta.tool_calls ?? []) {
      const known = (calls[delta.index] ??= { id: '', name: '', arguments: '' });
      known.id ||= delta.id ?? '';
      known.name ||= delta.function?.name ?? '';
      known.arguments += delta.function?.arguments ?? '';
    }
  }
  return { ...whole, usage, done };
}

/** Waits until something holds, for at most a second or two. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('It did not come to hold.');
}

/** The names of the lints of a request. */
export function lintNames(request: RecordedRequest | undefined): readonly string[] {
  return (request?.lints ?? []).map(({ name }) => name);
}

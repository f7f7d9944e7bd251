// Asks an endpoint as it is, without any mend: the transport would hide what the doctor is to find.

import type { Usage } from '@throughline/core';
import { withoutKeys } from '../terminal/without-key.ts';

/** What is asked. */
export interface Ask {
  readonly path: string;
  /** Absent: a GET. */
  readonly body?: object;
  /** Instead of the key of the endpoint. */
  readonly key?: string;
  /** Closes the connection as soon as a part of the answer has come. */
  readonly stopsAtFirst?: boolean;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Fields | undefined;
  /** The frames of a stream that are JSON objects. */
  readonly frames: readonly Fields[];
  /** How many `data:` lines are neither JSON nor `[DONE]`. */
  readonly oddFrames: number;
  readonly isDone: boolean;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The endpoint that is looked at. */
export interface Endpoint {
  readonly model: string;
  /** Tokens that were used so far, as the endpoint counts them. */
  readonly spent: Spent;
  ask(ask: Ask): Promise<Reply>;
  /** A chat completion. Where the endpoint says that it is asked too often, it waits and repeats once. */
  chat(body: object, key?: string): Promise<Reply>;
}

export type Spent = { -readonly [count in keyof Omit<Usage, 'costUsd' | 'estimated'>]: number };

export interface Where {
  readonly baseURL: string;
  readonly model: string;
  readonly key: string;
  readonly signal: AbortSignal;
}

const longestReply = 4_000_000;
const longestWaitMs = 30_000;
const timeoutMs = 120_000;

export function endpointAt(where: Where): Endpoint {
  const spent = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  const ask = async (asked: Ask) => {
    const reply = await send(where, asked);
    count(reply, spent);
    return reply;
  };
  return {
    model: where.model,
    spent,
    ask,
    async chat(body, key) {
      const asked: Ask = {
        path: '/chat/completions',
        body: { model: where.model, ...body },
        ...(key === undefined ? {} : { key }),
      };
      const reply = await ask(asked);
      if (reply.status !== 429) return reply;
      const seconds = Number(reply.headers.get('retry-after') ?? '1');
      await wait(Math.min((seconds > 0 ? seconds : 1) * 1000, longestWaitMs), where.signal);
      return ask(asked);
    },
  };
}

async function send(
  { baseURL, key, signal }: Where,
  { path, body, key: other, stopsAtFirst = false }: Ask,
): Promise<Reply> {
  const from = performance.now();
  const response = await fetch(`${baseURL}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${other ?? key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const decoder = new TextDecoder();
  let firstByteMs: number | undefined;
  let text = '';
  for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    firstByteMs ??= performance.now() - from;
    text += decoder.decode(bytes, { stream: true });
    const hasBegun = stopsAtFirst && text.includes('data:');
    if (hasBegun || text.length > longestReply) break; // which closes the connection
  }
  const totalMs = performance.now() - from;
  const { status, headers } = response;
  const said = withoutKeys(text, [key, other]);
  return { status, headers, ...read(said), firstByteMs: firstByteMs ?? totalMs, totalMs };
}

function read(text: string): Pick<Reply, 'json' | 'frames' | 'oddFrames' | 'isDone'> {
  const data = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
  const frames = data.map(objectIn).filter((one) => one !== undefined);
  const isDone = data.includes('[DONE]');
  const said = data.filter((line) => line !== '' && line !== '[DONE]');
  return { json: objectIn(text), frames, oddFrames: said.length - frames.length, isDone };
}

/** A JSON object; undefined for any other text. */
export function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function count(reply: Reply, spent: Spent): void {
  const usage = usageIn(reply);
  if (usage === undefined) return;
  spent.inputTokens += toCount(usage['prompt_tokens']);
  spent.cachedTokens += cachedIn(usage);
  spent.outputTokens += toCount(usage['completion_tokens']);
}

/** What an answer says that it has used, beside its choices or in one of them. */
export function usageIn(reply: Reply): Fields | undefined {
  const { bodies, choices } = partsOf(reply);
  return [...bodies, ...choices].map((one) => one['usage']).findLast(isFields);
}

/** The body or the frames of an answer, and of each its first choice. */
export function partsOf({ json, frames }: Reply): {
  readonly bodies: readonly Fields[];
  readonly choices: readonly Fields[];
} {
  const bodies = json === undefined ? frames : [json];
  const choices = bodies.flatMap(({ choices: list }) => {
    const first: unknown = Array.isArray(list) ? list[0] : undefined;
    return isFields(first) ? [first] : [];
  });
  return { bodies, choices };
}

/** Tokens that came from the cache. They stand in one of two places. */
export function cachedIn(usage: Fields): number {
  const details = usage['prompt_tokens_details'];
  return toCount(usage['cached_tokens'] ?? (isFields(details) ? details['cached_tokens'] : 0));
}

export function toCount(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

import { ToolError } from '@throughline/core';
import type { IncomingMessage } from 'node:http';
import { addressesOf } from './addresses.ts';
import type { Lookup } from './addresses.ts';
import type { Gate } from './gate.ts';
import { request } from './request.ts';
import { targetOf } from './target.ts';
import type { Borders, Target } from './target.ts';
import { inWords, Trouble } from './trouble.ts';
import { shown } from './words.ts';

/** What every request of a toolkit goes by. */
export interface Ways {
  readonly borders: Borders;
  readonly gate: Gate;
  readonly lookup: Lookup;
  readonly userAgent: string;
  /** The whole time for one page, from its first request to its last byte, without waiting for a turn. */
  readonly timeoutMs: number;
  readonly ca: string | undefined;
}

/** How one resource is asked for. */
export interface Visit<T> {
  readonly signal: AbortSignal;
  readonly mostRedirects: number;
  /** Asked before each request, with the URL it is for. Throws where it may not be made. */
  readonly mayAsk: (target: Target) => Promise<void>;
  /** Reads the response that is no redirect, while its host's turn lasts. */
  readonly read: (response: IncomingMessage, target: Target, signal: AbortSignal) => Promise<T>;
}

/** How long a server may take for its headers, and how long it may be silent. */
const mostSilentMs = 10_000;

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Asks for `text` and follows its redirects, each of which is judged as the first URL is. A request carries nothing
 * over from the one before: no cookie, no referrer, no credentials.
 */
export async function visit<T>(text: string, ways: Ways, asked: Visit<T>): Promise<T> {
  const seen = new Set<string>();
  let target = targetOf(text, ways.borders);
  let leftMs = ways.timeoutMs;
  for (;;) {
    if (seen.has(target.url.href)) throw new ToolError(`${shown(text)} redirects in a circle.`);
    if (seen.size > asked.mostRedirects) {
      throw new ToolError(`${shown(text)} redirects more than ${asked.mostRedirects} times.`);
    }
    seen.add(target.url.href);
    asked.signal.throwIfAborted();
    await asked.mayAsk(target);
    const leave = await ways.gate.enter(target.host, asked.signal);
    const began = performance.now();
    try {
      const answer = await ask(target, ways, { ...asked, leftMs });
      if ('value' in answer) return answer.value;
      target = answer.next;
    } finally {
      leave();
      leftMs -= performance.now() - began;
    }
  }
}

type Answer<T> = { readonly value: T } | { readonly next: Target };

/** One request, with what is left of the time for all of them. */
async function ask<T>(
  target: Target,
  ways: Ways,
  { signal, leftMs, read }: Visit<T> & { readonly leftMs: number },
): Promise<Answer<T>> {
  const clock = AbortSignal.timeout(Math.max(1, Math.round(leftMs)));
  const both = AbortSignal.any([signal, clock]);
  try {
    const addresses = await addressesOf(target, ways.lookup, both);
    const headersMs = Math.min(mostSilentMs, ways.timeoutMs);
    const { userAgent, ca } = ways;
    const response = await request(target, { addresses, userAgent, signal: both, headersMs, ca });
    try {
      if (!redirects.has(response.statusCode ?? 0))
        return { value: await read(response, target, both) };
      return { next: nextTarget(target, response.headers.location, ways.borders) };
    } finally {
      response.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    const isLate = clock.aborted && !(error instanceof ToolError);
    throw inWords(isLate ? new Trouble('too slow') : error, target.name);
  }
}

function nextTarget(from: Target, location: string | undefined, borders: Borders): Target {
  const refuse = (why: string) => new ToolError(`${from.name} redirects ${why}.`);
  if (location === undefined || location.trim() === '') throw refuse('without saying where to');
  if (!URL.canParse(location, from.url.href)) throw refuse('to what is not a URL');
  const next = new URL(location, from.url);
  if (from.url.protocol === 'https:' && next.protocol === 'http:') {
    throw refuse('from https: to http:, which is not followed');
  }
  // The path is the server's own text, which may be a sentence for the model: the host is enough.
  const to = shown(next.host === '' ? next.protocol : `${next.protocol}//${next.host}`);
  return targetOf(next.href, borders, `The redirect to ${to}`);
}

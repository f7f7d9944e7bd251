import { ToolError } from '@throughline/core';
import type { IncomingMessage } from 'node:http';
import { readBody } from './body.ts';
import { orAborted } from './or-aborted.ts';
import type { Reader } from './reader.ts';
import type { Target } from './target.ts';
import { visit } from './visit.ts';
import type { Ways } from './visit.ts';
import { shown } from './words.ts';

/** What is read of a robots.txt; RFC 9309 asks for 500 KiB at least, and lets the rest be left. */
const mostRobotsBytes = 512_000;
const keptMs = 3_600_000;
const mostKept = 50;

interface Rules {
  readonly until: number;
  readonly text: Promise<string>;
}

/** Keeps to the robots.txt of each origin (RFC 9309). It is read once an hour, through the same guard as the pages. */
export class Robots {
  readonly #ways: Ways;
  readonly #reader: Reader;
  readonly #ended: AbortSignal;
  readonly #kept = new Map<string, Rules>();

  /** `ended` stops what is being read: no single call does, since several may wait for it. */
  constructor(ways: Ways, reader: Reader, ended: AbortSignal) {
    this.#ways = ways;
    this.#reader = reader;
    this.#ended = ended;
  }

  /** Throws a `ToolError` where the site asks not to fetch the page, or cannot say what it asks. */
  async check({ url, name }: Target, signal: AbortSignal): Promise<void> {
    const text = await orAborted(this.#textOf(url.origin), signal);
    if (text.trim() === '') return;
    const file = fileOf(url.origin);
    const { userAgent } = this.#ways;
    const job = { kind: 'robots', file, text, url: url.href, userAgent } as const;
    // In another process: 400 KB of rules can be made to take gigabytes to read.
    const { mayVisit } = await this.#reader.read(job, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreadable(file, error);
    });
    if (mayVisit) return;
    throw new ToolError(`${name} may not be fetched: its site's robots.txt forbids it.`);
  }

  #textOf(origin: string): Promise<string> {
    const now = Date.now();
    const known = this.#kept.get(origin);
    if (known !== undefined && known.until > now) return known.text;
    const text = this.#fetch(origin);
    this.#kept.delete(origin);
    this.#kept.set(origin, { until: now + keptMs, text });
    // What could not be read is asked for again by the next call.
    text.catch(() => this.#kept.delete(origin));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return text;
  }

  #fetch(origin: string): Promise<string> {
    const file = fileOf(origin);
    return visit(file, this.#ways, {
      signal: AbortSignal.any([this.#ended]),
      mostRedirects: 5,
      mayAsk: () => Promise.resolve(),
      read: textOf,
    }).catch((error: unknown) => {
      throw unreadable(file, error);
    });
  }
}

function fileOf(origin: string): string {
  return `${origin}/robots.txt`;
}

function unreadable(file: string, cause: unknown): ToolError {
  const why = cause instanceof ToolError ? ` ${cause.message}` : '';
  return new ToolError(`${shown(file)} cannot be read, so its site is left alone.${why}`, {
    cause,
  });
}

/** No file is no rule. A server that fails has not said that there is none. */
async function textOf(response: IncomingMessage, _: Target, signal: AbortSignal): Promise<string> {
  const status = response.statusCode ?? 0;
  if (status >= 500 || status === 429) throw new ToolError(`The server answered ${status}.`);
  if (status < 200 || status >= 300) return '';
  const body = await readBody(response, { bytes: mostRobotsBytes, longer: 'cut' }, signal);
  return body.toString('utf8');
}

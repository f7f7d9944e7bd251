import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { rootCertificates } from 'node:tls';
import { ToolError } from '@throughline/core';
import { lookupBySystem } from './addresses.ts';
import type { Lookup } from './addresses.ts';
import { readBody } from './body.ts';
import { fenced, visible } from './fence.ts';
import { Gate } from './gate.ts';
import { textOf } from './page-text.ts';
import type { PageText } from './page-text.ts';
import { Reader } from './reader.ts';
import type { ReaderBounds } from './reader.ts';
import { Robots } from './robots.ts';
import type { Borders, Target } from './target.ts';
import { mostBytes } from './trouble.ts';
import { visit } from './visit.ts';
import type { Ways } from './visit.ts';
import { count, shown, wholeLetters } from './words.ts';

/** The most characters of a page that one call tells. */
const mostCharacters = 30_000;
const mostRedirects = 10;

/** What only tests exchange. */
export interface Seams {
  readonly lookup?: Lookup;
  /** An authority to trust beside Node's own. */
  readonly ca?: string | undefined;
  readonly readerBounds?: Partial<ReaderBounds>;
  readonly readerProgram?: URL;
}

/** By which rules pages are fetched. */
export interface FetchRules {
  readonly borders: Borders;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly robots: boolean;
  /** Aborted when the toolkit is disposed of. */
  readonly ended: AbortSignal;
}

/** What was asked, with its defaults. */
export interface PageToFetch {
  readonly url: string;
  /** The first character to tell, counted from 1. */
  readonly offset: number;
  /** The whole of an HTML page, and not its main text alone. */
  readonly full: boolean;
}

/** Fetches pages and tells their text. All that asks the network stands behind it, and is loaded with the first call. */
export class PageFetcher {
  readonly #ways: Ways;
  readonly #reader: Reader;
  readonly #robots: Robots | undefined;

  constructor({ borders, userAgent, timeoutMs, robots, ended }: FetchRules, seams: Seams) {
    const { lookup = lookupBySystem, ca, readerBounds, readerProgram } = seams;
    this.#reader = new Reader(readerBounds, readerProgram);
    this.#ways = {
      borders,
      gate: new Gate(),
      lookup,
      userAgent,
      timeoutMs,
      ca: ca === undefined ? undefined : [...rootCertificates, ca].join('\n'),
    };
    this.#robots = robots ? new Robots(this.#ways, this.#reader, ended) : undefined;
  }

  /** What the model reads of a page. Throws a `ToolError` that says why it cannot be fetched. */
  async fetch(asked: PageToFetch, signal: AbortSignal): Promise<string> {
    const page = await visit(asked.url, this.#ways, {
      signal,
      mostRedirects,
      mayAsk: async (target) => this.#robots?.check(target, signal),
      read: async (response, target, both) => {
        const bytes = await bodyOf(response, target, both);
        const contentType = response.headers['content-type'];
        const until = asked.offset + mostCharacters;
        const body = {
          bytes,
          contentType,
          url: target.url.href,
          name: target.name,
          full: asked.full,
          until,
        };
        return { ...(await textOf(body, this.#reader, signal)), url: target.url.href };
      },
    });
    return tell(asked, page);
  }

  /** Ends the processes that read pages. */
  close(): Promise<void> {
    return this.#reader.close();
  }
}

async function bodyOf(
  response: IncomingMessage,
  { name }: Target,
  signal: AbortSignal,
): Promise<Buffer> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) {
    const meaning = STATUS_CODES[status];
    const again = /^\d{1,5}$/.exec(response.headers['retry-after'] ?? '')?.[0];
    const later = again === undefined ? '' : ` It asks to wait ${count(Number(again), 'second')}.`;
    throw new ToolError(
      `${name} answered ${status}${meaning === undefined ? '' : ` ${meaning}`}.${later}`,
    );
  }
  return readBody(response, { bytes: mostBytes, longer: 'refuse' }, signal);
}

function tell(asked: PageToFetch, page: PageText & { readonly url: string }): string {
  const { kind, isWhole, url } = page;
  const text = visible(page.text);
  const named = shown(asked.url);
  if (text.trim() === '') return `${named}: ${kind}, without any text.`;
  if (asked.offset > text.length) {
    throw new ToolError(
      `The text of ${named} has ${count(text.length, 'character')}; there is no character ${asked.offset}.`,
    );
  }
  const part = wholeLetters(text.slice(asked.offset - 1, asked.offset - 1 + mostCharacters));
  const last = asked.offset - 1 + part.length;
  const isAll = asked.offset === 1 && last === text.length && isWhole;
  const number = (value: number) => value.toLocaleString('en-US');
  const of = isWhole ? ` of ${number(text.length)}` : '';
  const range = isAll ? 'all of it' : `characters ${number(asked.offset)} to ${number(last)}${of}`;
  const next = last < text.length || !isWhole ? ` It goes on at offset ${last + 1}.` : '';
  const head = [
    ...(page.title.trim() === ''
      ? []
      : [`Title: ${page.title.replace(/\s+/g, ' ').trim().slice(0, 300)}`]),
    ...(url === asked.url ? [] : [`Address: ${url}`]),
  ];
  const content = head.length === 0 ? part : `${head.join('\n')}\n\n${part}`;
  return `${named}: ${kind}, ${range}.${next}\n${fenced(content)}`;
}

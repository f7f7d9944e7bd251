import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { readBody } from './body.ts';
import { aboutFence, fenced, visible } from './fence.ts';
import { textOf } from './page-text.ts';
import type { PageText } from './page-text.ts';
import type { Reader } from './reader.ts';
import type { Robots } from './robots.ts';
import type { Target } from './target.ts';
import { mostBytes } from './trouble.ts';
import { visit } from './visit.ts';
import type { Ways } from './visit.ts';
import { count, shown, wholeLetters } from './words.ts';

/** The most characters of a page that one call tells. */
const mostCharacters = 30_000;
const mostRedirects = 10;

const input = z.object({
  url: z.string().describe('The whole URL, http: or https:.'),
  offset: z
    .int()
    .min(1)
    .default(1)
    .describe('The first character to tell, counted from 1: for the rest of a long page.'),
  full: z
    .boolean()
    .default(false)
    .describe('Tells the whole of an HTML page, with its navigation, and not its main text alone.'),
});

type Asked = z.output<typeof input>;

/** What the tool works with. `robots` is missing where the host does not keep to them. */
export interface FetchTools {
  readonly ways: Ways;
  readonly reader: Reader;
  readonly robots: Robots | undefined;
  /** Aborted when the toolkit is disposed of. */
  readonly ended: AbortSignal;
}

/** The tool `fetch_page`. */
export function fetchPage({ ways, reader, robots, ended }: FetchTools): Tool<unknown> {
  return tool({
    name: 'fetch_page',
    description:
      'Fetches a web page by GET and tells its text: HTML as Markdown with its links, JSON and text as they are, the text ' +
      `of a PDF. The first line says which part follows and how to get the rest. ${aboutFence}`,
    inputSchema: input,
    effect: 'read',
    execute: async (asked: Asked, scope) => {
      // One of its own, since hundreds of calls may share the signal of their run.
      const signal = AbortSignal.any([scope.signal, ended]);
      const page = await visit(asked.url, ways, {
        signal,
        mostRedirects,
        mayAsk: async (target) => robots?.check(target, signal),
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
          return { ...(await textOf(body, reader, signal)), url: target.url.href };
        },
      });
      return tell(asked, page);
    },
  });
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

function tell(asked: Asked, page: PageText & { readonly url: string }): string {
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

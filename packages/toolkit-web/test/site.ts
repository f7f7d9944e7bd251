import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { CallScope, Toolkit } from '@throughline/core';
import { afterAll, beforeAll } from 'vitest';
import { lookupBySystem } from '../src/addresses.ts';
import type { Lookup } from '../src/addresses.ts';
import { webWith } from '../src/web.ts';
import type { Seams } from '../src/page-fetcher.ts';
import type { WebOptions } from '../src/web.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A website on loopback, over real HTTP, up while the tests of the file run. */
export interface Site {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  readonly port: number;
  /** What was asked, in order, but for robots.txt. */
  readonly asked: IncomingMessage[];
  /** Answers a path from now on. */
  on(path: string, answer: Answer | string): void;
}

export function site(): Site {
  const pages = new Map<string, Answer>();
  const asked: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path !== '/robots.txt') asked.push(request);
    const page = pages.get(path);
    if (page !== undefined) return page(request, response);
    response.writeHead(404).end('nothing here');
  };
  const server = serving(createServer(answer));
  return {
    get host() {
      return `127.0.0.1:${server.port}`;
    },
    get url() {
      return `http://127.0.0.1:${server.port}`;
    },
    get port() {
      return server.port;
    },
    asked,
    on: (path, page) => void pages.set(path, typeof page === 'string' ? html(page) : page),
  };
}

export function html(text: string): Answer {
  return (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(text);
}

export function body(bytes: string | Uint8Array, headers: Record<string, string>): Answer {
  return (_, response) => response.writeHead(200, headers).end(bytes);
}

export function redirect(location: string, status = 302): Answer {
  return (_, response) => response.writeHead(status, { location }).end();
}

/** Listens on loopback from the first test to the last. Then the toolkits of `kitOf` are disposed of, too. */
export function serving(server: TcpServer & { closeAllConnections?(): void }): {
  readonly port: number;
} {
  // Here, and not at the top: the files of a worker share this module, and only the first would be heard.
  afterAll(closeKits);
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
  afterAll(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections?.();
      }),
  );
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
  };
}

/** What reads pages in most tests, as `global-setup.ts` builds it: it starts in a quarter of the time that its source takes. */
export const readerProgram = new URL('../.tested/page-process.mjs', import.meta.url);

const open: Toolkit<unknown>[] = [];

/** The toolkit, disposed of when the tests of the file are done. */
export function kitOf(
  options: WebOptions,
  lookup: Lookup = lookupBySystem,
  seams: Omit<Seams, 'lookup'> = {},
): Toolkit<unknown> {
  const kit = webWith(options, { lookup, readerProgram, ...seams });
  open.push(kit);
  return kit;
}

/** Calls a tool as the loop does: what the model sent is parsed by the schema first. */
export async function call(
  kit: Toolkit<unknown>,
  name: 'fetch_page' | 'search_web',
  input: unknown,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const found = kit.tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`There is no tool ${name}.`);
  const parsed = await found.inputSchema.parse(input);
  if (parsed.issues) throw new Error(`The input does not fit: ${JSON.stringify(parsed.issues)}`);
  // Of what a call is told, these tools look at the signal alone.
  return (await found.execute(parsed.value, { signal } as CallScope)) as string;
}

const shared = new Map<string, Toolkit<unknown>>();

async function closeKits(): Promise<void> {
  shared.clear();
  for (const kit of open.splice(0)) await kit.dispose?.();
}

/** Fetches a page of a site that may be reached, with one toolkit for all fetches with the same options. */
export function fetchFrom(
  at: Site,
  path: string,
  options: WebOptions = {},
  input: object = {},
): Promise<string> {
  const whole = { allowPrivate: [at.host], robots: false, ...options };
  const key = JSON.stringify(whole);
  const kit = shared.get(key) ?? kitOf(whole);
  shared.set(key, kit);
  return call(kit, 'fetch_page', { url: `${at.url}${path}`, ...input });
}

/** What the model reads of a call that fails. Fails itself where the call does not. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    (value) => new Error(`It did not fail, but said: ${String(value).slice(0, 500)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error(`${String(outcome)} was thrown`);
  return outcome;
}

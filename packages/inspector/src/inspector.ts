// The inspector owns a page over sessions and live runs of this machine: who may ask it, what it tells, what a person can do there.
// It does not own how sessions are stored (a store), what they record (core), or how a request becomes bytes (the transport).

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Run } from '@throughline/core';
import { Acts } from './acts.ts';
import type { ActingAgent } from './acts.ts';
import type { CassetteOf } from './cassette.ts';
import { Catalog } from './catalog.ts';
import { downloads } from './downloads.ts';
import { follow } from './feed.ts';
import { Guard } from './guard.ts';
import { head, sendError, sendJson } from './http-answer.ts';
import type { Answers, Exchange } from './http-answer.ts';
import { LiveRuns } from './live-runs.ts';
import { looks } from './looks.ts';
import { loadPage } from './page-file.ts';
import type { BodyOf } from './request-of-step.ts';
import type { Abilities } from './shown.ts';
import type { InspectedSessions } from './stored.ts';
import type { WatchOptions } from './watched-run.ts';

export interface InspectorOptions {
  /** A store that can be looked at without its locks: `fileSessions({ dir })`. */
  readonly sessions: InspectedSessions;
  /** Runs on what is decided or forked in the page. Without one the page only looks, steers and stops. */
  readonly agent?: ActingAgent;
  /** How a request becomes bytes: `({ model, request }) => anyfast.body(model, request)`. Without it a request is shown as JSON. */
  readonly body?: BodyOf;
  /** How a cassette is made of a session: `cassette.fromSession` of `@throughline/testing`. Without it the page makes none. */
  readonly cassette?: CassetteOf;
}

/** A page over sessions and live runs. Mount `handler`, or `listen`. */
export interface Inspector {
  /** For `node:http` and frameworks that pass its two objects on; at any path. It answers this machine alone. */
  handler(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** What the page must show to be answered: the address is the mount's with `#` and this behind it. */
  readonly token: string;
  /** Shows a run of this process live: also while another part of the host iterates it. */
  watch(run: Run<unknown>, options?: WatchOptions): void;
  /** A server of its own on 127.0.0.1. `port` 0, the default, takes a free one. `url` has the token in it. */
  listen(options?: { readonly port?: number }): Promise<InspectorServer>;
  /** Stops the runs that the page has started, and waits until they are recorded. */
  close(): Promise<void>;
}

export interface InspectorServer {
  readonly url: string;
  /** Ends the server and its connections, then the inspector. */
  close(): Promise<void>;
}

/** Makes an inspector. Reads nothing before it is asked. Throws `invalid_option` for options that it does not know. */
export function inspector(options: InspectorOptions): Inspector {
  checkOptions('inspector()', options, {
    sessions: true,
    agent: true,
    body: true,
    cassette: true,
  });
  const { sessions, agent, body, cassette } = options;
  const live = new LiveRuns();
  const catalog = new Catalog(sessions, live);
  const acts = new Acts(sessions, agent, live);
  const guard = new Guard();
  const abilities: Abilities = {
    ...(agent === undefined ? {} : { agent: agent.name }),
    ...(cassette === undefined ? {} : { cassette: true }),
  };
  const gets = {
    ...looks(catalog, body),
    ...downloads(catalog, cassette),
    follow: (exchange: Exchange) => follow(exchange, { catalog, live }),
    abilities: async ({ outgoing }: Exchange) => sendJson(outgoing, abilities),
  };
  const answer = answering({ guard, gets, posts: acts.all });
  const handler = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answer(incoming, outgoing).catch((error: unknown) => sendError(outgoing, error));
  };
  return {
    handler,
    token: guard.token,
    watch: (run, options = {}) => void live.watch(run, options),
    listen: ({ port = 0 } = {}) =>
      listen(handler, { port, token: guard.token, close: () => acts.close() }),
    close: () => acts.close(),
  };
}

function answering({ guard, gets, posts }: { guard: Guard; gets: Answers; posts: Answers }) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const refusal = guard.refusal(incoming);
    if (refusal !== undefined) return refuse(outgoing, 403, refusal);
    const url = urlOf(incoming);
    const name = /\/api\/([a-z]+)$/.exec(url.pathname)?.[1];
    const { method } = incoming;
    if (name === undefined) {
      if (method !== 'GET' && method !== 'HEAD')
        return refuse(outgoing, 405, 'The page is read with GET.');
      return sendPage(url, outgoing);
    }
    if (!guard.hasToken(incoming)) {
      return refuse(
        outgoing,
        401,
        'The token is missing or wrong: open the address that the inspector has printed.',
      );
    }
    const answers = method === 'GET' ? gets : method === 'POST' ? posts : {};
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answer === undefined) return refuse(outgoing, 404, `There is no ${method} ${name}.`);
    const left = new AbortController();
    outgoing.once('close', () => left.abort());
    await answer({ incoming, outgoing, url, signal: left.signal });
  };
}

async function sendPage(url: URL, outgoing: ServerResponse): Promise<void> {
  if (!url.pathname.endsWith('/')) {
    // The page asks for `api/…` beside itself.
    head(outgoing, 302, { location: `./${url.pathname.split('/').at(-1)}/` }).end();
    return;
  }
  const { html, policy } = await loadPage();
  head(outgoing, 200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
  }).end(html);
}

function refuse(outgoing: ServerResponse, status: number, message: string): void {
  sendJson(outgoing, { error: { code: 'refused', message } }, status);
}

/** Frameworks such as Express cut the mount out of `url`, and keep it whole in `originalUrl`. */
function urlOf(incoming: IncomingMessage & { readonly originalUrl?: unknown }): URL {
  const { originalUrl, url = '/' } = incoming;
  const path = typeof originalUrl === 'string' ? originalUrl : url;
  return new URL(path.replace(/^\/*/, '/'), 'http://localhost');
}

async function listen(
  handler: Inspector['handler'],
  { port, token, close }: { readonly port: number; readonly token: string; close(): Promise<void> },
): Promise<InspectorServer> {
  const server = createServer(handler).listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const words = `The inspector cannot listen on port ${port} of 127.0.0.1: ${why}. Port 0 takes a free one.`;
    throw new ThroughlineError('invalid_option', words, { cause });
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/#${token}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await close();
    },
  };
}

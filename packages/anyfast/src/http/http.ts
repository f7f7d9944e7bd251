// http/ owns one request and its response: connection, time-outs, retry, abort, the observers of the wire. It does not own what the
// bytes say (encode/, decode/), or what an error says (error/).

import { ModelError } from '@throughline/core';
import type { Connect, Incoming, Outgoing, Received, StopSignal } from '../wire/exchange.ts';
import type { Addressee } from '../wire/response-problem.ts';
import type { Connection } from './connection.ts';
import { overFetch } from './over-fetch.ts';
import { overHttp } from './over-http.ts';
import { Pieces } from './pieces.ts';
import { TimedExchange } from './timed-exchange.ts';
import type { Watcher } from './watcher.ts';

/** What all requests to one endpoint have in common. */
export interface Endpoint extends Connection {
  readonly connect: Connect;
}

/** Over the `fetch` that was passed, else over `node:http` where this is Node. */
export function toEndpoint(connection: Connection): Endpoint {
  const { fetch: own } = connection;
  const connect = own === undefined ? overHttp() : overFetch(own);
  return { ...connection, connect: connect ?? overFetch((url, init) => fetch(url, init)) };
}

/** What one request asks. The body is the same bytes on every attempt. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly attempt: number;
}

/**
 * Sends one request once. Rejects with a ModelError for a bad status, a broken connection or a time-out, and
 * with the signal's reason on abort; in each case nothing of the request is left open.
 */
export async function send(
  endpoint: Endpoint,
  asked: Asked,
  signal: StopSignal,
): Promise<Incoming> {
  const { baseURL, headers, connect, watch } = endpoint;
  const { method, path, body, attempt } = asked;
  const url = `${baseURL}${path}`;
  const outgoing: Outgoing =
    body === undefined ? { method, url, headers } : { method, url, headers, body };
  const watcher = watch === undefined ? undefined : await watch();
  const exchange = new TimedExchange(endpoint, signal);
  const startedAt = performance.now();
  try {
    watcher?.sent(outgoing, attempt);
    exchange.begin(connect, outgoing);
    if (!exchange.isReady) await exchange.wait();
    const head = exchange.head();
    const incoming = new Reception(exchange, { outgoing, attempt, head, startedAt }, watcher);
    if (head.status >= 200 && head.status < 300) return incoming;
    const { refusalOf } = await import('../error/model-error.ts');
    throw await refusalOf(incoming, head, endpoint, signal);
  } catch (error) {
    exchange.close();
    throw await translated(error, endpoint, signal);
  }
}

/**
 * Whatever went wrong as the caller gets it: the signal's reason once it has aborted, else a ModelError. What puts
 * errors into words is loaded here, since most programs meet none.
 */
export async function translated(
  error: unknown,
  to: Addressee,
  signal: StopSignal,
  headers?: Headers,
): Promise<unknown> {
  // An abort may come at any moment. Then its reason is what the caller waits for, not the failure that it caused.
  if (signal.aborted) return signal.reason;
  if (error instanceof ModelError) return error;
  const { toModelError } = await import('../error/model-error.ts');
  return signal.aborted ? signal.reason : toModelError(error, to, headers);
}

class Reception implements Incoming {
  readonly #exchange: TimedExchange;
  readonly #received: Received;
  readonly #watcher: Watcher | undefined;
  readonly #pieces = new Pieces();
  #heard = '';
  #told = false;

  constructor(exchange: TimedExchange, received: Received, watcher: Watcher | undefined) {
    this.#exchange = exchange;
    this.#received = received;
    this.#watcher = watcher;
  }

  get headers(): Headers {
    return this.#received.head.headers;
  }

  get isReady(): boolean {
    return this.#exchange.isReady;
  }

  wait(): Promise<void> {
    return this.#exchange.wait();
  }

  read(): string | undefined {
    const bytes = this.#exchange.read();
    const text = bytes === undefined ? this.#pieces.end() : this.#pieces.read(bytes);
    if (this.#watcher?.readsBodies) this.#heard += text;
    return bytes === undefined && text === '' ? undefined : text;
  }

  async next(): Promise<string | undefined> {
    if (!this.isReady) await this.wait();
    return this.read();
  }

  get hasEnded(): boolean {
    return this.#exchange.hasEnded;
  }

  heardData(): void {
    this.#exchange.heardData();
  }

  hasten(idleMs: number): void {
    this.#exchange.hasten(idleMs);
  }

  close(): void {
    this.#exchange.close();
    if (this.#told) return;
    this.#told = true;
    this.#watcher?.received(this.#received, this.#heard);
  }
}

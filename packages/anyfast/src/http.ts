import { ModelError } from '@throughline/core';
import { brokenError, refusedError, requestIdOf } from './error.ts';
import type { Addressee } from './error.ts';
import type { Connect, Head } from './exchange.ts';
import { Line } from './line.ts';
import type { Patience } from './line.ts';
import type { Watcher } from './watch.ts';

/** What all requests to one endpoint have in common. */
export interface Endpoint extends Addressee, Patience {
  readonly headers: Readonly<Record<string, string>>;
  readonly connect: Connect;
  readonly watcher: Watcher | undefined;
}

/** What one request asks. The body is the same bytes on every attempt. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly attempt: number;
}

/** A response with a good status, being read. Whoever holds it must close it. */
export interface Incoming {
  readonly headers: Headers;
  /** The next piece of the body as text, whole characters only; undefined at its end. */
  read(): Promise<string | undefined>;
  /** Whether all of it has come, read or not. */
  readonly hasEnded: boolean;
  heardData(): void;
  hasten(idleMs: number): void;
  close(): void;
}

/** An error page longer than this says nothing more. */
const longestRefusal = 64 * 1024;
/** Once the status is known, its page is worth no longer wait. */
const refusalMs = 5000;

/**
 * Sends one request once. Rejects with a ModelError for a bad status, a broken connection or a time-out, and
 * with the signal's reason on abort; in each case nothing of the request is left open.
 */
export async function send(
  endpoint: Endpoint,
  asked: Asked,
  signal: AbortSignal,
): Promise<Incoming> {
  const line = new Line(endpoint, signal, (what, ms) => silenceError(what, ms, endpoint));
  const url = `${endpoint.baseURL}${asked.path}`;
  const startedAt = performance.now();
  try {
    tellRequest(endpoint, asked, url);
    const head = await line.open(endpoint.connect, {
      method: asked.method,
      url,
      headers: endpoint.headers,
      ...(asked.body === undefined ? {} : { body: asked.body }),
    });
    const incoming = new Reception(endpoint, line, { asked, url, head, startedAt });
    if (head.status >= 200 && head.status < 300) return incoming;
    throw await incoming.refusal(signal);
  } catch (error) {
    line.close();
    throw translated(error, endpoint, signal);
  }
}

/** A foreign error as a ModelError; an abort's reason and a ModelError stay what they are. */
export function translated(error: unknown, to: Addressee, signal: AbortSignal): unknown {
  if (signal.aborted || error instanceof ModelError) return error;
  return brokenError(error, to);
}

interface Received {
  readonly asked: Asked;
  readonly url: string;
  readonly head: Head;
  readonly startedAt: number;
}

class Reception implements Incoming {
  readonly #endpoint: Endpoint;
  readonly #line: Line;
  readonly #received: Received;
  readonly #decoder = new TextDecoder();
  #heard = '';
  #told = false;

  constructor(endpoint: Endpoint, line: Line, received: Received) {
    this.#endpoint = endpoint;
    this.#line = line;
    this.#received = received;
  }

  get headers(): Headers {
    return this.#received.head.headers;
  }

  async read(): Promise<string | undefined> {
    const bytes = await this.#line.read();
    const text = bytes === undefined ? this.#decoder.decode() : this.#decoder.decode(bytes, more);
    if (this.#endpoint.watcher?.onResponse !== undefined) this.#heard += text;
    return bytes === undefined && text === '' ? undefined : text;
  }

  async refusal(signal: AbortSignal): Promise<ModelError> {
    const { status } = this.#received.head;
    let body = '';
    const untilMs = performance.now() + refusalMs;
    this.#line.heardData();
    this.#line.hasten(refusalMs);
    try {
      for (let text = await this.read(); text !== undefined; text = await this.read()) {
        body += text;
        if (body.length > longestRefusal || performance.now() > untilMs) break;
      }
    } catch (error) {
      // A page that breaks off has still told its status, unless the caller no longer wants to know.
      if (signal.aborted) throw error;
    } finally {
      this.close();
    }
    return refusedError({ status, headers: this.headers, body }, this.#endpoint);
  }

  get hasEnded(): boolean {
    return this.#line.hasEnded;
  }

  heardData(): void {
    this.#line.heardData();
  }

  hasten(idleMs: number): void {
    this.#line.hasten(idleMs);
  }

  close(): void {
    this.#line.close();
    if (this.#told) return;
    this.#told = true;
    const { asked, url, head, startedAt } = this.#received;
    const { watcher, redact } = this.#endpoint;
    if (watcher?.onResponse === undefined) return;
    const { status, headers } = head;
    const requestId = requestIdOf(headers);
    watcher.onResponse({
      attempt: asked.attempt,
      url,
      status,
      headers: Object.fromEntries([...headers].map(([name, value]) => [name, redact(value)])),
      body: redact(this.#heard),
      durationMs: performance.now() - startedAt,
      ...(requestId === undefined ? {} : { requestId: redact(requestId) }),
    });
  }
}

const more = { stream: true };

function tellRequest({ watcher, headers, redact }: Endpoint, asked: Asked, url: string): void {
  if (watcher?.onRequest === undefined) return;
  const shown = Object.entries(headers).map(([name, value]) => [name, redact(value)]);
  watcher.onRequest({
    attempt: asked.attempt,
    method: asked.method,
    url,
    headers: Object.fromEntries(shown),
    body: asked.body === undefined ? '' : redact(new TextDecoder().decode(asked.body)),
  });
}

type What = 'first byte' | 'idle' | 'keep-alives only';

function silenceError(what: What, ms: number, to: Addressee): ModelError {
  const after = `for ${ms} ms`;
  const told = {
    'first byte': `${to.baseURL} sent no answer ${after}. Raise firstByteTimeoutMs if ${to.model} may think longer.`,
    idle: `The answer of ${to.model} stopped ${after}. Raise idleTimeoutMs if it may pause longer.`,
    'keep-alives only': `${to.baseURL} sent nothing but keep-alive comments ${after}. Raise firstByteTimeoutMs to wait longer.`,
  }[what];
  return new ModelError('timeout', told, { retryable: true });
}

import type { ClientRequest, IncomingMessage, RequestOptions, request } from 'node:http';
import type { Readable } from 'node:stream';
import type { Connect, ClientExchange, Head, Outgoing } from '../wire/exchange.ts';

/**
 * Over `node:http`, which takes half the processor time of Node's `fetch` (docs/design.md) and waits as long as
 * it is told to; undefined where this is not Node. It uses the global agents, and with them what the host has
 * set there, such as a proxy.
 */
export function overHttp(): Connect | undefined {
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  const versions = process?.versions ?? {};
  if (!('node' in versions) || ['bun', 'deno', 'workerd'].some((one) => one in versions)) return;
  // Not imported: a bundle for another platform must not look for it.
  const http = process?.getBuiltinModule?.('node:http');
  const https = process?.getBuiltinModule?.('node:https');
  const url = process?.getBuiltinModule?.('node:url');
  if (http === undefined || https === undefined || url === undefined) return;
  let target: Target | undefined;
  return (outgoing) => {
    // All requests of a model go to one place.
    if (target?.url !== outgoing.url || target.given !== outgoing.headers) {
      const { request: send } = outgoing.url.startsWith('https:') ? https : http;
      const { protocol, hostname, port, path } = url.urlToHttpOptions(new URL(outgoing.url));
      // No more than is needed, in an ordinary object: Node copies them several times for each request.
      const place = { protocol, hostname, path, ...(port === undefined ? {} : { port }) };
      const { method, headers: given } = outgoing;
      const headers = { ...given, 'content-length': 0 };
      target = { url: outgoing.url, given, send, options: { ...place, method, headers }, headers };
    }
    return new HttpExchange(target, outgoing);
  };
}

/** Where requests go, and what sends them. */
interface Target {
  readonly url: string;
  /** What `headers` is made of. */
  readonly given: Outgoing['headers'];
  readonly send: typeof request;
  /** With a value for all that a request sets: what is copied and then grows has a new shape each time (docs/design.md). */
  readonly options: RequestOptions;
  readonly headers: Readonly<Record<string, string | number>>;
}

/** More bytes than these wait for their reader in the socket, where a broken connection would lose them. */
const mostWaiting = 1_000_000;

/** A socket that was closed already fails within a round trip; one that fails later may have been answered on. */
const soonMs = 1_000;

class HttpExchange implements ClientExchange {
  #request: ClientRequest;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #response: IncomingMessage | undefined;
  #body: Readable | undefined;
  #head: Head | undefined;
  #ended = false;
  #isHeadTaken = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(target: Target, outgoing: Outgoing) {
    this.#request = this.#send(target, outgoing);
  }

  #send(target: Target, outgoing: Outgoing): ClientRequest {
    const { method, headers, body } = outgoing;
    const sent =
      body === undefined ? { ...headers } : { ...target.headers, 'content-length': body.length };
    const sentAt = performance.now();
    const request = target
      .send({ ...target.options, method, headers: sent })
      .on('response', (response) => this.#receive(response))
      .on('error', (error) => {
        // A kept socket that the server closed at that moment, as far as can be seen. Each is tried once.
        const soon = performance.now() - sentAt < soonMs;
        if (!request.reusedSocket || !isReset(error) || !soon || this.#settled) {
          return this.#fail(error);
        }
        this.#request = this.#send(target, outgoing);
      })
      // Node closes a connection that changes its protocol without a word.
      .on('close', () => {
        if (request === this.#request && !this.#settled) {
          this.#fail(new Error('it was closed without a response'));
        }
      })
      .end(body);
    return request;
  }

  get #settled(): boolean {
    return this.#head !== undefined || this.#failure !== undefined;
  }

  get isReady(): boolean {
    if (this.#failure !== undefined) return true;
    return this.#isHeadTaken ? this.#waiting.length > 0 || this.#ended : this.#head !== undefined;
  }

  /** Over in a turn of its own: one read of the socket may bring many chunks. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.isReady) resolve();
    });
  }

  head(): Head {
    if (this.#head === undefined) throw this.#failure?.reason;
    this.#isHeadTaken = true;
    return this.#head;
  }

  read(): Uint8Array | undefined {
    if (this.#waiting.length > 0) return this.#take();
    if (this.#failure !== undefined && !this.#ended) throw this.#failure.reason;
    return undefined;
  }

  /** All that waits, since one read of the socket may bring many chunks, and each batch costs its reader a turn. */
  #take(): Uint8Array {
    if (this.#waitingBytes >= mostWaiting) this.#body?.resume();
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const [first] = pieces;
    return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
  }

  get hasEnded(): boolean {
    // What was unpacked may end before what was packed, and a refusal may come before the request is sent.
    return this.#ended && this.#response?.complete === true && this.#request.writableFinished;
  }

  destroy(reason: unknown): void {
    this.#waiting = [];
    this.#fail(reason);
    this.#request.destroy();
  }

  #receive(response: IncomingMessage): void {
    this.#response = response;
    this.#head = new HttpHead(response);
    this.#body = decompressed(response, (error) => this.#fail(error))
      .on('data', (bytes: Uint8Array) => {
        this.#waiting.push(bytes);
        this.#waitingBytes += bytes.length;
        if (this.#waitingBytes >= mostWaiting) this.#body?.pause();
        this.#tell();
      })
      .on('end', () => {
        this.#ended = true;
        this.#tell();
      })
      .on('error', (error) => this.#fail(error));
    this.#tell();
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#tell();
  }

  #tell(): void {
    if (this.#wake === undefined || !this.isReady) return;
    this.#wake();
    this.#wake = undefined;
  }
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

class HttpHead implements Head {
  readonly #response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.#response = response;
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  get headers(): Headers {
    const { rawHeaders } = this.#response;
    const headers = new Headers();
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
    }
    return headers;
  }
}

/** Nobody asks for compression, but some gateways compress all the same. */
function decompressed(response: IncomingMessage, fail: (error: Error) => void): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase();
  const zlib = encoding === undefined ? undefined : process.getBuiltinModule('node:zlib');
  const transform =
    encoding === 'gzip' || encoding === 'x-gzip' || encoding === 'deflate'
      ? zlib?.createUnzip({
          flush: zlib.constants.Z_SYNC_FLUSH,
          finishFlush: zlib.constants.Z_SYNC_FLUSH,
        })
      : encoding === 'br'
        ? zlib?.createBrotliDecompress()
        : undefined;
  if (transform === undefined) return response;
  response.on('error', fail);
  return response.pipe(transform);
}

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { WebHandler } from './served-runs.ts';

/** A listener for `node:http`, and for frameworks that pass its two objects on. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * A web handler as a `node:http` listener. It waits for a slow client (`drain`) and cancels the response when the client leaves. A handler
 * that throws is answered with 500 and told as a process warning.
 */
export function nodeHandler(handle: WebHandler): NodeHandler {
  return (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished)
        left.abort(new DOMException('The client left.', 'AbortError'));
    });
    answer(handle, incoming, { outgoing, signal: left.signal }).catch((error: unknown) => {
      const isGone = left.signal.aborted || (incoming.destroyed && !incoming.complete);
      if (isGone) return; // nobody is there to be told, and the run's own record says why it ended
      const isStalled = error instanceof DOMException && error.name === 'TimeoutError';
      if (!isStalled) process.emitWarning(error instanceof Error ? error : String(error));
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { 'content-type': 'application/json' }).end(serverError);
    });
  };
}

const serverError = JSON.stringify({ error: { code: 'error', message: 'The server failed.' } });

async function answer(
  handle: WebHandler,
  incoming: IncomingMessage,
  { outgoing, signal }: { readonly outgoing: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  const body = new RequestBody(incoming);
  const { method = 'GET' } = incoming;
  const request = untold.has(method) ? undefined : toRequest(incoming, body, signal);
  // What a handler leaves unread is read past, as node:http does it for itself: else the next request of the connection waits behind it.
  outgoing.once('finish', () => {
    if (body.isLeft || request?.body?.locked !== true) void body.readOn().catch(() => {});
  });
  const response = request ? await handle(request) : new Response(null, { status: 501 });
  outgoing.writeHead(response.status, headersOf(response));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders(); // the client learns at once that it is answered
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const failure = reader.closed.catch(() => {});
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    // A stream that gives its reader up fails meanwhile; then the next read throws.
    if (!outgoing.write(value)) await Promise.race([roomIn(outgoing, signal), failure]);
  }
  outgoing.end();
}

/** Cookies are the one header that may come more than once and cannot be joined. */
function headersOf({ headers }: Response): OutgoingHttpHeaders {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 0 && { 'set-cookie': cookies }) };
}

/** Methods that a `Request` cannot have. */
const untold: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

function toRequest(incoming: IncomingMessage, body: RequestBody, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(':')) continue; // HTTP/2 tells its method and path so
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const { method = 'GET' } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  // The host that a client claims decides nothing here; a URL only needs one.
  const url = new URL(pathOf(incoming), 'http://localhost');
  return new Request(url, {
    method,
    headers,
    signal,
    ...(hasBody ? { body: body.toStream(), duplex: 'half' } : {}),
  });
}

/** Frameworks such as Express cut the path that a handler is mounted at out of `url`, and keep it whole in `originalUrl`. */
function pathOf(incoming: IncomingMessage & { readonly originalUrl?: unknown }): string {
  const { originalUrl, url = '/' } = incoming;
  const path = typeof originalUrl === 'string' ? originalUrl : url;
  return path.startsWith('/') ? path.replace(/^[/\\]+/, '/') : '/';
}

/** The body of a request: read by its handler as a stream, and what that leaves by us. */
class RequestBody {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** Whether its reader has cancelled it. */
  isLeft = false;

  constructor(incoming: IncomingMessage) {
    this.#chunks = incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  /** To be called once: each stream would take a part of the bytes, the first as soon as it is made. */
  toStream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await this.#chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      // The iterator's own return() would destroy the socket on which the answer goes out.
      cancel: () => void (this.isLeft = true),
    });
  }

  /** Reads until the request ends, or its client leaves. */
  async readOn(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }
}

/** Waits until the client has taken what was written, or has left. */
function roomIn(outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off('drain', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    outgoing.on('drain', go);
    signal.addEventListener('abort', go);
    if (signal.aborted) go();
  });
}

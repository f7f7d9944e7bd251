import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it arrived, in milliseconds. */
  readonly at: number;
}

/** What the server does with a request. */
export type Reply = (response: ServerResponse, request: IncomingMessage, body: string) => unknown;

export interface Endpoint {
  readonly baseURL: string;
  readonly seen: readonly Seen[];
  /** Resolves once a client has closed a connection before its response was whole. */
  readonly hungUp: Promise<void>;
  /** Open sockets. */
  sockets(): number;
}

/** A server of replies, each for one request, the last one for all further ones; closed with the test. */
export async function startEndpoint(...replies: readonly Reply[]): Promise<Endpoint> {
  const seen: Seen[] = [];
  let tellHungUp = (): void => undefined;
  const hungUp = new Promise<void>((resolve) => (tellHungUp = resolve));
  let sockets = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) tellHungUp();
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { method = '', url = '', headers } = request;
      const reply = replies[Math.min(seen.length, replies.length - 1)];
      seen.push({ method, url, headers, body, at: performance.now() });
      void reply?.(response, request, body);
    });
  });
  server.on('connection', (socket) => {
    sockets++;
    socket.on('close', () => sockets--);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseURL: `http://127.0.0.1:${port}/v1`, seen, hungUp, sockets: () => sockets };
}

/** A server that writes its bytes itself, and its address. */
export async function startSocket(serve: (socket: Socket) => unknown): Promise<string> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with a JSON body. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

/** Answers with a stream, written in pieces of so many bytes, each its own network chunk. */
export function stream(text: string, cut = Infinity): Reply {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await writeCut(response, text, cut);
    response.end();
  };
}

/** Begins a stream and leaves it open. */
export function openStream(text: string): Reply {
  return (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
}

/** Begins a stream and cuts the connection. */
export function brokenStream(text: string): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => setTimeout(() => response.destroy(), 20));
  };
}

async function writeCut(response: ServerResponse, text: string, cut: number): Promise<void> {
  const bytes = Buffer.from(text);
  const { socket } = response;
  if (cut === Infinity || socket === null) return void response.write(bytes);
  response.flushHeaders();
  for (let at = 0; at < bytes.length; at += cut) {
    const piece = bytes.subarray(at, at + cut);
    // A chunk as one short write: a response makes four of it, and pieces are what a cut body costs.
    socket.write(`${piece.length.toString(16)}\r\n${piece.toString('latin1')}\r\n`, 'latin1');
    // One tick of the event loop lets each piece leave on its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Frames of a stream from deltas or whole choices; strings pass as they are. */
export function frames(...items: readonly (string | Record<string, unknown>)[]): string {
  return items
    .map((item) => {
      if (typeof item === 'string') return item.endsWith('\n') ? item : `data: ${item}\n\n`;
      return `data: ${JSON.stringify(toFrame(item))}\n\n`;
    })
    .join('');
}

function toFrame(item: Record<string, unknown>): Record<string, unknown> {
  if ('choices' in item || 'error' in item) return item;
  const { finish_reason = null, usage, ...delta } = item;
  const choice = { index: 0, delta, finish_reason, ...(usage === undefined ? {} : { usage }) };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'kimi-k2.6',
    choices: [choice],
  };
}

/** The delta of one call. */
export function callDelta(
  index: number | undefined,
  call: Record<string, unknown>,
): Record<string, unknown> {
  const { name, arguments: args, ...rest } = call;
  const told = {
    ...(name === undefined ? {} : { name }),
    ...(args === undefined ? {} : { arguments: args }),
  };
  const entry = { ...(index === undefined ? {} : { index }), ...rest, function: told };
  return { tool_calls: [entry] };
}

import { randomBytes, timingSafeEqual, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { McpServerFactory } from '@modelcontextprotocol/server';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { ServedMcp } from './served-mcp.ts';

/** Where and for whom a server listens. */
export interface HttpListen {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, a free one. */
  readonly port?: number;
  /** At least 16 letters. Default: a fresh one, told as `token` of the server. */
  readonly token?: string;
  /** The names under which clients may reach it (Host), and whose pages may (Origin). Default: localhost, 127.0.0.1, [::1]. */
  readonly allowedHosts?: readonly string[];
}

const largestBody = 4_194_304;
const mostConnections = 256;
const path = '/mcp';

/** Throws `invalid_option`; the token is not shown. */
export function httpOptions(given: true | HttpListen): Required<HttpListen> {
  const options = given === true ? {} : given;
  checkOptions('serveMcp(): http', options, {
    host: true,
    port: true,
    token: true,
    allowedHosts: true,
  });
  const { host = '127.0.0.1', port = 0, token = randomBytes(32).toString('base64url') } = options;
  const { allowedHosts = ['localhost', '127.0.0.1', '[::1]'] } = options;
  const refuse = (why: string) => new ThroughlineError('invalid_option', `serveMcp(): ${why}.`);
  if (typeof token !== 'string' || !/^[\x21-\x7e]{16,}$/.test(token)) {
    throw refuse('the token needs 16 or more visible letters');
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw refuse(`port is ${String(port)}`);
  return { host, port, token, allowedHosts };
}

/** Serves over streamable HTTP. Who has no token, or comes by way of a foreign page or name, is refused before anything is read. */
export async function serveHttp(
  factory: McpServerFactory,
  { host, port, token, allowedHosts }: Required<HttpListen>,
  end: (reason: string) => void,
): Promise<ServedMcp> {
  const handler = createMcpHandler(factory, { maxRequestBodySize: largestBody });
  const handle = toNodeHandler(handler, { maxRequestBodySize: largestBody });
  const isHost = hostHeaderValidation([...allowedHosts]);
  const isOrigin = originValidation([...allowedHosts]);
  const server = createServer((request, response) => {
    if (!isHost(request, response) || !isOrigin(request, response)) return;
    if (!isAuthorized(request, token)) return refuse(response, 401, 'A bearer token is needed.');
    if (request.url?.split('?')[0] !== path) return refuse(response, 404, `There is only ${path}.`);
    void handle(request as Parameters<typeof handle>[0], response);
  });
  server.maxConnections = mostConnections;
  server.requestTimeout = 30_000; // for what the client sends, not for the answer
  server.listen(port, host);
  await once(server, 'listening'); // rejects with the system's error
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const close = async () => {
    end('The server was closed.');
    await handler.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return { url: `http://${name}:${address.port}${path}`, token, closed, close };
}

function isAuthorized({ headers }: IncomingMessage, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(response: ServerResponse, status: number, words: string): void {
  const ask = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close', ...ask });
  response.end(words);
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** How a gateway differs from the endpoint behind it. */
export interface Gateway {
  /** The status of a refusal; default 400. */
  readonly status?: number;
  /** Why it refuses a request, if it does. */
  refuses?(body: Readonly<Record<string, unknown>>): string | undefined;
  /** What it makes of an answer. */
  answers?(text: string, body: Readonly<Record<string, unknown>>): string;
}

/** A gateway in front of an endpoint, over HTTP; its base URL. It hands each body on whole. */
export async function startGateway(behind: string, gateway: Gateway): Promise<string> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      void pass(Buffer.concat(pieces).toString()).catch(() => response.destroy());
    });
    const pass = async (text: string) => {
      const body = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
      const reason = gateway.refuses?.(body);
      if (reason !== undefined) {
        response.writeHead(gateway.status ?? 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { message: reason, type: 'invalid_request_error' } }));
        return;
      }
      const { method = 'GET', url = '', headers } = request;
      const passed = await fetch(`${behind}${url.replace(/^\/v1/, '')}`, {
        method,
        headers: {
          authorization: headers.authorization ?? '',
          'content-type': 'application/json',
        },
        ...(text === '' ? {} : { body: text }),
      });
      const type = passed.headers.get('content-type') ?? 'application/json';
      const answer = await passed.text();
      response.writeHead(passed.status, { 'content-type': type });
      response.end(gateway.answers?.(answer, body) ?? answer);
    };
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

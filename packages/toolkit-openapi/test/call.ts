import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallScope, Toolkit } from '@throughline/core';
import { afterAll, beforeAll } from 'vitest';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real server on loopback that notes what arrives. */
export interface Listening {
  url: string;
  readonly arrived: Arrived[];
  /** How requests are answered; `{}` as JSON unless a test says otherwise. */
  answer: (request: Arrived, response: ServerResponse) => void;
}

export const answerEmpty = (_: Arrived, response: ServerResponse): void => {
  response.setHeader('content-type', 'application/json').end('{}');
};

/** Starts a server for the tests of a file. */
export function listening(): Listening {
  const here: Listening = { url: '', arrived: [], answer: answerEmpty };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, target: url, headers, body: Buffer.concat(parts).toString() };
      here.arrived.push(one);
      here.answer(one, response);
    });
  });
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    here.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return here;
}

/** Calls a tool as the loop does: what the model sent is checked by the schema first. */
export async function call<Context = unknown>(
  kit: Toolkit<Context>,
  name: string,
  input: unknown = {},
  scope: Partial<CallScope<Context>> = {},
): Promise<string> {
  const found = kit.tools.find((tool) => tool.name === name);
  if (found === undefined) {
    throw new Error(`There is no ${name} among ${kit.tools.map((tool) => tool.name).join(', ')}.`);
  }
  await found.inputSchema.describe();
  const parsed = await found.inputSchema.parse(input);
  if (parsed.issues) throw new Error(`The input does not fit: ${JSON.stringify(parsed.issues)}`);
  const { signal } = new AbortController();
  const whole = { signal, idempotencyKey: 'key-1', ...scope } as CallScope<Context>;
  return (await found.execute(parsed.value, whole)) as string;
}

/** A description of one operation. */
export function describing(path: string, operation: object, method = 'get'): object {
  return {
    openapi: '3.1.0',
    info: { title: 'Test', version: '1' },
    paths: { [path]: { [method]: { operationId: 'act', responses: {}, ...operation } } },
  };
}

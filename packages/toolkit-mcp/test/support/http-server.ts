import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** A request as the servers below see it. */
export interface Asked {
  readonly method: string;
  readonly id: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly tool: string | undefined;
}

/** Answers a call. `reply` sends its result as JSON. */
export type OnCall = (
  asked: Asked,
  response: ServerResponse,
  reply: (result: unknown) => void,
) => void;

/** Servers of the 2025 protocol over HTTP, by hand; closed after each test. */
export function httpServers() {
  const open: Server[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const serve = async (
    tools: readonly string[],
    onCall: OnCall,
    isRefused: (asked: Asked, response: ServerResponse) => boolean = () => false,
  ): Promise<string> => {
    const server = createServer((request, response) => {
      void answer(request, response, { tools, onCall, isRefused });
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  };
  return { serve };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  about: {
    readonly tools: readonly string[];
    readonly onCall: OnCall;
    readonly isRefused: (asked: Asked, response: ServerResponse) => boolean;
  },
): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method, id, params } = JSON.parse(body) as {
    method: string;
    id?: number;
    params?: { name?: string };
  };
  const asked = { method, id, headers: request.headers, tool: params?.name };
  if (about.isRefused(asked, response)) return;
  const reply = (result: unknown) => send(response, { jsonrpc: '2.0', id, result });
  if (id === undefined) return void response.writeHead(202).end();
  if (method === 'initialize') {
    response.setHeader('mcp-session-id', `session-${Math.random()}`);
    const serverInfo = { name: 'by hand', version: '1' };
    return reply({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  }
  if (method === 'tools/list') {
    const inputSchema = { type: 'object' };
    return reply({ tools: about.tools.map((name) => ({ name, description: name, inputSchema })) });
  }
  if (method === 'tools/call') return about.onCall(asked, response, reply);
  send(response, { jsonrpc: '2.0', id, error: { code: -32_601, message: 'Method not found' } });
}

function send(response: ServerResponse, message: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(message));
}

export function text(words: string): unknown {
  return { content: [{ type: 'text', text: words }] };
}

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from '@throughline/core';
import { expect, test } from 'vitest';
import { caller, callOne } from './support/calls.ts';
import { httpServers, text } from './support/http-server.ts';
import type { Asked } from './support/http-server.ts';
import { toolkits, until } from './support/servers.ts';

const { connect, warnings } = toolkits();
const { serve } = httpServers();

test('the headers that the host gives are sent with every request', async () => {
  const seen: (string | undefined)[] = [];
  const url = await serve(
    ['hello'],
    (_, __, reply) => reply(text('hello')),
    ({ headers }) => {
      seen.push(headers.authorization);
      return false;
    },
  );
  const kit = await connect({ h: { url, headers: { authorization: 'Bearer t0ken' } } });
  expect((await callOne(kit, 'h__hello')).told).toBe('hello');
  expect(new Set(seen)).toEqual(new Set(['Bearer t0ken']));
});

test('an answer of more than 10 MB is not read to its end, as a whole or as an event of a stream', async () => {
  const sent = { json: 0, stream: 0 };
  const url = await serve(['json', 'stream'], ({ tool }, response) => {
    const type = tool === 'json' ? 'application/json' : 'text/event-stream';
    response.writeHead(200, { 'content-type': type });
    response.write(tool === 'json' ? '{"jsonrpc":"2.0","x":"' : 'data: {"jsonrpc":"2.0","x":"');
    const more = () => {
      if (response.destroyed) return;
      sent[tool as 'json' | 'stream'] += 1_000_000;
      response.write('x'.repeat(1_000_000), more);
    };
    more();
  });
  const kit = await connect({ h: { url } });
  for (const tool of ['json', 'stream'] as const) {
    const { outcome, told } = await callOne(kit, `h__${tool}`);
    expect(outcome).toBe('failed');
    expect(told).toContain('The MCP server "h" did not answer');
    expect(sent[tool]).toBeLessThan(40_000_000);
  }
});

test('events of a stream are bounded each by itself', async () => {
  const url = await serve(['stream'], ({ id }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < 30; at++) response.write(`: ${'x'.repeat(1_000_000)}\n\n`);
    response.end(
      `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: text('after 30 MB') })}\n\n`,
    );
  });
  const kit = await connect({ h: { url } });
  expect((await callOne(kit, 'h__stream')).told).toBe('after 30 MB');
});

test('a stream that ends without the answer fails its call at once, and the call does not run a second time', async () => {
  const ends: Readonly<Record<string, (response: ServerResponse) => void>> = {
    ended: (response) => response.end(': nothing\n\n'),
    cut: (response) => response.write(': nothing\n\n', () => response.destroy()),
    halved: (response) => response.end('data: {"jsonrpc":"2.0","resu'),
    // One that could be taken up again, were there anything to take up: this server answers 405.
    resumable: (response) => response.end('id: 1\nretry: 1\ndata: \n\n'),
  };
  const calls: unknown[] = [];
  const url = await serve(Object.keys(ends), ({ tool = '' }, response) => {
    calls.push(tool);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    ends[tool]?.(response);
  });
  const kit = await connect({ h: { url, timeoutMs: 30_000 } });
  for (const tool of Object.keys(ends)) {
    expect([tool, await callOne(kit, `h__${tool}`)]).toMatchObject([
      tool,
      {
        outcome: 'failed',
        told: 'The MCP server "h" did not answer: the stream ended before the answer came. The call may or may not have taken effect.',
      },
    ]);
  }
  expect(calls).toEqual(Object.keys(ends));
});

test('a redirect to another origin is not followed, so no header gets there', async () => {
  const stolen: unknown[] = [];
  const thief = createServer(({ headers }, response) => {
    stolen.push(headers);
    response.end('{}');
  });
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/mcp`;
  try {
    const url = await serve(['go'], (_, response) => response.writeHead(307, { location }).end());
    const kit = await connect({ h: { url, headers: { 'x-api-key': 'secret' } } });
    const { outcome, told } = await callOne(kit, 'h__go');
    expect(outcome).toBe('failed');
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(stolen).toEqual([]);
  } finally {
    thief.close();
  }
});

test('a session that the server has forgotten is opened anew for the next call, and no call runs twice', async () => {
  const calls: Asked[] = [];
  let known: string | undefined;
  const url = await serve(
    ['add'],
    (asked, _, reply) => {
      calls.push(asked);
      reply(text('added'));
    },
    ({ method, headers }, response) => {
      if (method !== 'tools/call' || headers['mcp-session-id'] !== known) return false;
      response.writeHead(404).end('no such session');
      return true;
    },
  );
  const kit = await connect({ h: { url } });
  expect((await callOne(kit, 'h__add')).told).toBe('added');
  known = String(calls[0]?.headers['mcp-session-id']);
  expect((await callOne(kit, 'h__add')).told).toBe(
    'This call did not run: The MCP server "h" no longer knows this session. The next call opens a new one.',
  );
  expect((await callOne(kit, 'h__add')).told).toBe('added');
  expect(calls).toHaveLength(2);
});

test('an abort ends the request of a call', async () => {
  let began = false;
  let gone = false;
  const url = await serve(['wait'], (_, response) => {
    began = true;
    response.on('close', () => (gone = true));
  });
  const kit = await connect({ h: { url } });
  const agent = new Agent({ model: caller([['h__wait', {}]]), tools: [kit], approve: () => true });
  const run = agent.stream('Go.');
  await until(() => began);
  run.abort(new Error('enough'));
  await expect(run.result).rejects.toThrow('enough');
  await kit.dispose?.();
  await until(() => gone);
});

test('a server that refuses or is not there is named, without the headers that were sent', async () => {
  const url = await serve(
    ['x'],
    () => {},
    (_, response) => {
      response.writeHead(401).end('who are you?');
      return true;
    },
  );
  const headers = { authorization: 'Bearer s3cret' };
  const refused = await connect({ h: { url, headers } }).catch((error: Error) => error);
  expect(refused).toMatchObject({ code: 'connection' });
  expect(String(refused)).toContain('The MCP server "h" cannot be reached');
  expect(String(refused)).not.toContain('s3cret');
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(connect({ h: { url: `http://127.0.0.1:${port}/mcp` } })).rejects.toMatchObject({
    code: 'connection',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect(warnings).toEqual([]);
});

test('a server that is no server is refused before anything is started', async () => {
  const bad = [
    { url: 'file:///etc/passwd' },
    { url: 'nonsense' },
    { url: 'http://user:pass@127.0.0.1/' },
    { url: 'http://127.0.0.1/', command: 'x' },
    { url: 'http://127.0.0.1/', headers: { 'x-a': 'b\r\nc: d' } },
    { command: '' },
    { command: 'x', args: 'y' },
    { command: 'x', timeoutMs: 0 },
    { command: 'x', trusted: true },
    { command: 'x', effects: { y: 'harmless' } },
    {},
    null,
  ];
  for (const server of bad) {
    await expect(connect({ bad: server as never })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('the server "bad"'),
    });
  }
});

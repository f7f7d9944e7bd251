import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ToolError } from '@throughline/core';
import { afterEach, expect, test } from 'vitest';
import { openapi } from '../src/index.ts';
import { answerEmpty, call, listening } from './call.ts';

const server = listening();
afterEach(() => void (server.answer = answerEmpty));

const document = {
  openapi: '3.0.0',
  paths: {
    '/bearer': { get: { security: [{ oauth: ['read'] }] } },
    '/basic': { get: { security: [{ basic: [] }] } },
    '/query': {
      get: {
        security: [{ inQuery: [] }],
        parameters: [{ name: 'all', in: 'query', schema: { type: 'object' } }],
      },
    },
    '/cookie': { get: { security: [{ inCookie: [] }] } },
    '/both': {
      post: {
        security: [{ inHeader: [], oauth: [] }],
        parameters: [{ name: 'x-key', in: 'header', schema: {} }],
      },
    },
    '/free': { get: { security: [] } },
  },
  security: [{ oauth: [] }],
  components: {
    securitySchemes: {
      oauth: { type: 'oauth2', flows: {} },
      basic: { type: 'http', scheme: 'Basic' },
      inQuery: { type: 'apiKey', in: 'query', name: 'key' },
      inCookie: { type: 'apiKey', in: 'cookie', name: 'session' },
      inHeader: { type: 'apiKey', in: 'header', name: 'X-Key' },
    },
  },
};

const auth = {
  oauth: 'tok-secret',
  basic: { username: 'ann', password: 'pass-secret' },
  inQuery: 'query-secret',
  inCookie: 'cookie-secret',
  inHeader: () => Promise.resolve('header-secret'),
};

const last = () => server.arrived.at(-1)!;

test('each kind of credential arrives in its place, and no tool offers one to the model', async () => {
  const kit = openapi(document, { baseURL: server.url, auth });
  await call(kit, 'get_bearer');
  expect(last().headers.authorization).toBe('Bearer tok-secret');
  await call(kit, 'get_basic');
  expect(last().headers.authorization).toBe(`Basic ${btoa('ann:pass-secret')}`);
  await call(kit, 'get_query', { all: { key: 'mine', other: '1' } });
  expect(last().target).toBe('/query?other=1&key=query-secret');
  await call(kit, 'get_cookie');
  expect(last().headers.cookie).toBe('session=cookie-secret');
  await call(kit, 'post_both');
  expect([last().headers['x-key'], last().headers.authorization]).toEqual([
    'header-secret',
    'Bearer tok-secret',
  ]);
  await call(kit, 'get_free');
  expect(last().headers.authorization).toBeUndefined();
  const offered = await Promise.all(kit.tools.map(({ inputSchema }) => inputSchema.describe()));
  expect(JSON.stringify(offered)).not.toMatch(/secret|x-key/);
});

test('a function is asked for the credential at each call, with the context of the run', async () => {
  const kit = openapi<{ token: string }>(document, {
    baseURL: server.url,
    auth: { oauth: ({ context }) => context.token },
    operations: ['GET /bearer'],
  });
  await call(kit, 'get_bearer', {}, { context: { token: 'of-ann' } });
  await call(kit, 'get_bearer', {}, { context: { token: 'of-bob' } });
  expect(server.arrived.slice(-2).map(({ headers }) => headers.authorization)).toEqual([
    'Bearer of-ann',
    'Bearer of-bob',
  ]);
});

test.each([
  () => Promise.reject(new Error('tok-secret')),
  () => 'tok-secret\r\nx: y',
  () => undefined as never,
])(
  'a credential that cannot be had or sent is told without its value, and nothing is sent',
  async (oauth) => {
    const before = server.arrived.length;
    const kit = openapi(document, {
      baseURL: server.url,
      auth: { oauth },
      operations: ['GET /bearer'],
    });
    const error = await call(kit, 'get_bearer').catch((thrown: unknown) => thrown);
    expect(error).toEqual(new ToolError('The host has no usable credential for "oauth" now.'));
    expect((error as Error).cause).toBeUndefined();
    expect(server.arrived).toHaveLength(before);
  },
);

test('a server that echoes what it was sent does not show the credential to the model', async () => {
  server.answer = ({ headers, target }, response) => {
    response.statusCode = target.startsWith('/query') ? 500 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ headers, target }));
  };
  const kit = openapi(document, {
    baseURL: server.url,
    auth,
    headers: { 'x-session': 'session-secret', 'x-version': '2026-11-27' },
  });
  for (const { name } of kit.tools) {
    const words = await call(kit, name).catch(String);
    expect(words).not.toContain('secret');
    expect(words).toContain('2026-11-27');
    expect(words).not.toContain(btoa('ann:pass-secret'));
  }
});

test('a redirect to another origin is not followed, so no credential goes there', async () => {
  const heard: string[] = [];
  const other = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  server.answer = ({ target }, response) =>
    void response.writeHead(307, { location: `${there}${target}` }).end();
  const kit = openapi(document, { baseURL: server.url, auth });
  for (const name of ['get_query', 'post_both']) {
    await expect(call(kit, name)).rejects.toThrow(
      `with a redirect to another server, "${there}", which is not followed`,
    );
  }
  expect(heard).toEqual([]);
  other.close();
});

test('a redirect on the same server is followed for a read, five times at most, and never for a write', async () => {
  server.answer = ({ target }, response) => {
    if (target.startsWith('/there')) return void response.end('arrived');
    response.writeHead(302, { location: target === '/free' ? '/there' : target }).end();
  };
  const kit = openapi(document, { baseURL: server.url, auth });
  expect(await call(kit, 'get_free')).toContain('arrived');
  await expect(call(kit, 'get_bearer')).rejects.toThrow('after 5 others');
  const before = server.arrived.length;
  await expect(call(kit, 'post_both')).rejects.toThrow('with a redirect of a POST');
  expect(server.arrived).toHaveLength(before + 1);
});

test("the idempotency key is sent under the host's name with a write, and not with a read", async () => {
  const kit = openapi(document, {
    baseURL: server.url,
    auth,
    idempotencyHeader: 'Idempotency-Key',
  });
  await call(kit, 'post_both', {}, { idempotencyKey: 'run-1/call-2' });
  expect(last().headers['idempotency-key']).toBe('run-1/call-2');
  await call(kit, 'get_free');
  expect(last().headers['idempotency-key']).toBeUndefined();
});

test('an error at the door never shows a credential', () => {
  const bad = [
    { auth: { nobody: 'tok-secret' } },
    { auth: { oauth: { token: 'tok-secret' } as never } },
    { headers: { 'x-key': 'tok-secret\n' } },
    { headers: { 'bad name': 'tok-secret' } },
  ];
  for (const options of bad) {
    const attempt = () => openapi(document, { baseURL: server.url, ...options });
    expect(attempt).toThrow(/^openapi: /);
    expect(attempt).not.toThrow('secret');
  }
});

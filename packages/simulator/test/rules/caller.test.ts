import { request as ask } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Simulator, SimulatorOptions } from '../../src/index.ts';
import { start, type Parsed } from '../support.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks for the models with exactly these headers, as fetch would not. */
function send(
  { url, key }: Simulator,
  headers: Record<string, string>,
  { method = 'GET', address = '127.0.0.1' } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port: new URL(url).port, path: '/v1/models', method };
    const sent = { authorization: `Bearer ${key}`, ...headers };
    ask({ ...options, headers: sent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    })
      .on('error', reject)
      .end();
  });
}

const lenient: SimulatorOptions = { strictness: 'lenient' };

describe('the Host header', () => {
  test.each(['localhost', 'LOCALHOST:80', 'app.localhost', '127.0.0.1', '127.9.9.9:1', '[::1]:80'])(
    '%s is this machine, and is served',
    async (host) => {
      expect((await send(await start(lenient), { host })).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '10.0.0.7:80', '[2001:db8::1]', 'a b', '@'])(
    '%s is another machine, and is refused in words, however lenient the simulator is',
    async (host) => {
      const reply = await send(await start(lenient), { host });
      expect(reply.status).toBe(403);
      expect(JSON.parse(reply.text).error).toMatchObject({
        type: 'simulator_error',
        message: expect.stringContaining(`does not serve the Host "${host}"`),
      });
    },
  );

  test('may be the address that the simulator listens on, and no other', async () => {
    const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const own = found.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    const simulator = await start({ host: '0.0.0.0' });
    expect(simulator.url).toContain('http://127.0.0.1:');
    expect((await send(simulator, { host: 'evil.example' })).status).toBe(403);
    if (own === undefined) return; // a machine without a network
    expect((await send(simulator, { host: own }, { address: own })).status).toBe(200);
    expect((await send(simulator, { host: own })).status).toBe(403);
  });

  test('an address that the machine does not have is an error at the start', async () => {
    await expect(start({ host: '203.0.113.7' })).rejects.toThrow(
      'This machine has no address "203.0.113.7". Give one of its own as host, or none for 127.0.0.1.',
    );
  });
});

describe('the Origin header', () => {
  test.each(['http://localhost:5173', 'https://127.0.0.1', 'http://[::1]:80'])(
    '%s is a page of this machine: the gateway lets any origin ask',
    async (origin) => {
      const reply = await send(await start(), { origin });
      expect(reply.status).toBe(200);
      expect(reply.headers['access-control-allow-origin']).toBe('*');
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    },
  );

  test.each([
    'https://evil.example',
    'null',
    'chrome-extension://abc',
    'http://localhost.evil.dev',
  ])('%s is a page of another machine, and is refused in words', async (origin) => {
    const reply = await send(await start(lenient), { origin });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('does not answer pages of the Origin');
  });

  test('a browser that asks first is told what it may send, without a key', async () => {
    const ahead = {
      origin: 'http://localhost:5173',
      authorization: '',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const simulator = await start();
    const reply = await send(simulator, ahead, { method: 'OPTIONS' });
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect(reply.headers['access-control-allow-headers']).toContain('authorization');
    expect(reply.headers['access-control-allow-methods']).toContain('POST');
    const stranger = { ...ahead, origin: 'https://evil.example' };
    expect((await send(simulator, stranger, { method: 'OPTIONS' })).status).toBe(403);
  });
});

test.each(['/v1/models/a%ZZ', '/v1/models/%', '/v1/%E0%A4%A/chat'])(
  'the path %s, which no one can decode, is a clean 400',
  async (path) => {
    const simulator = await start();
    const response = await fetch(new URL(path, simulator.url), {
      headers: { authorization: `Bearer ${simulator.key}` },
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Parsed).error.message).toContain(
      `Invalid URL escape in the path ${path}`,
    );
  },
);

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Simulator } from '../../src/index.ts';
import { body, start, type Parsed } from '../support.ts';

async function send(simulator: Simulator, packed: Buffer, encoding: string): Promise<Response> {
  return fetch(`${simulator.url}/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${simulator.key}`,
      'content-type': 'application/json',
      'content-encoding': encoding,
      'accept-encoding': 'gzip, br',
    },
    body: new Uint8Array(packed),
  });
}

const text = JSON.stringify(body());

test.each([
  ['gzip', gzipSync(text)],
  ['GZIP', gzipSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', Buffer.from(text)],
])('a body in %s is read, and the answer is not packed', async (encoding, packed) => {
  const simulator = await start({ script: [{ text: 'Yes.' }] });
  const response = await send(simulator, packed, encoding);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(simulator.requests[0]?.bodyText).toBe(text);
});

test.each([
  ['gzip', Buffer.from(text), 'Invalid request: the body is not valid gzip'],
  ['gzip', gzipSync(text).subarray(0, -9), 'Invalid request: the body is not valid gzip'],
  ['br', Buffer.from(text), 'Invalid request: the body is not valid br'],
  [
    'deflate',
    deflateSync(text),
    'Invalid request: the Content-Encoding "deflate" is unknown; the gateway unpacks gzip and br',
  ],
])('a body that is not the %s it says it is gets a 400', async (encoding, packed, sentence) => {
  const simulator = await start();
  const response = await send(simulator, packed, encoding);
  expect(response.status).toBe(400);
  expect(((await response.json()) as Parsed).error.message).toContain(sentence);
});

test('a small body that unpacks to a large one is too large', async () => {
  const simulator = await start({ maxBodyBytes: 100_000 });
  const response = await send(simulator, gzipSync(Buffer.alloc(10_000_000)), 'gzip');
  expect(response.status).toBe(413);
  expect(simulator.requests[0]?.bodyText).toBe('');
});

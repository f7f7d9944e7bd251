import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { request } from '../src/request.ts';
import { failure, serving } from './site.ts';

let heard = '';
const at = serving(
  createServer((socket) => {
    socket.on('data', (data) => (heard += data.toString('latin1')));
    socket.on('error', () => undefined);
  }),
);

for (const protocol of ['http:', 'https:'])
  test(`a connection that came to stand at an address which may not be reached is ended before a byte is sent over it, ${protocol}`, async () => {
    // As if the judgement of the addresses had been fooled.
    const url = new URL(`${protocol}//fooled.test:${at.port}/`);
    const target = { url, name: 'It', host: url.hostname, port: at.port, mayBePrivate: false };
    const error = await failure(
      request(target, {
        addresses: [{ address: '127.0.0.1', family: 4 }],
        userAgent: 'x',
        signal: AbortSignal.timeout(10_000),
        headersMs: 10_000,
        ca: undefined,
      }),
    );
    expect(error.message).toContain('not on the public internet');
    expect(heard).toBe('');
  });

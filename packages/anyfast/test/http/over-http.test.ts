import { once } from 'node:events';
import { globalAgent } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { frames, startEndpoint, startSocket, stream } from '../support/endpoint.ts';

const whole = frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]');

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])(
  'reads an answer that a gateway compressed with %s, though nobody asked',
  async (name, press) => {
    const endpoint = await startEndpoint((response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': name })
        .end(press(whole)),
    );
    expect((await ask(modelAt(endpoint.baseURL))).text).toBe('Yes.');
  },
);

test('what is compressed and broken is a typed error', async () => {
  const endpoint = await startEndpoint((response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all'),
  );
  const model = modelAt(endpoint.baseURL, { retry: { attempts: 1 } });
  expect(await errorOf(ask(model))).toMatchObject({ name: 'ModelError', code: 'connection' });
});

test('an answer longer than what is held for its reader comes whole and in order', async () => {
  const words = Array.from({ length: 5_000 }, (_, at) => `${at} `.repeat(100));
  const endpoint = await startEndpoint(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of words) {
      if (!response.write(frames({ content }))) await once(response, 'drain');
    }
    response.end(frames({ finish_reason: 'stop' }, '[DONE]'));
  });
  expect((await ask(modelAt(endpoint.baseURL))).text).toBe(words.join(''));
});

test.each(['GZIP', 'gzip'])('reads %s without its trailer', async (name) => {
  const endpoint = await startEndpoint((response) =>
    response
      .writeHead(200, { 'content-encoding': name })
      .end(
        gzipSync(JSON.stringify({ choices: [{ message: { content: 'Yes.' } }] })).subarray(0, -8),
      ),
  );
  expect((await ask(modelAt(endpoint.baseURL))).text).toBe('Yes.');
});

test('what has come is read, though its reader is slow and the connection breaks', async () => {
  const words = Array.from({ length: 100 }, (_, at) => `${at} `);
  let broke = (): void => undefined;
  const broken = new Promise<void>((resolve) => (broke = resolve));
  const baseURL = await startSocket((socket) =>
    socket.once('data', async () => {
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
      socket.setNoDelay(true).write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      for (const content of words) {
        socket.write(chunk(frames({ content })));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      socket.end(chunk(frames({ finish_reason: 'stop' }, '[DONE]')));
      setTimeout(broke, 50);
    }),
  );
  let text = '';
  for await (const batch of modelAt(baseURL).stream(request(), new AbortController().signal)) {
    if (text === '') await broken;
    for (const part of batch) if (part.type === 'text') text += part.delta;
  }
  expect(text).toBe(words.join(''));
});

test.each([
  [
    'has not read the request it refuses',
    '',
    request({ messages: [{ role: 'user', content: 'x'.repeat(30_000_000) }] }),
  ],
  ['sends more than it packed', 'gzip', request()],
])('no socket is left of a server that %s', async (_what, encoding, asked) => {
  const baseURL = await startSocket((socket) =>
    socket.once('data', () => {
      if (encoding === '') {
        const refusal = '{"error":{"message":"body is too large"}}';
        socket.pause();
        socket.write(`HTTP/1.1 413 No\r\ncontent-length: ${refusal.length}\r\n\r\n${refusal}`);
      } else {
        socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n');
        socket.write(Buffer.concat([gzipSync(whole), Buffer.from('\0\0\0\0')]));
      }
    }),
  );
  await ask(modelAt(baseURL, { retry: { attempts: 1 } }), asked).catch(() => undefined);
  const { port } = new URL(baseURL);
  const open = () => Object.keys(globalAgent.sockets).filter((name) => name.includes(`:${port}:`));
  await vi.waitFor(() => expect(open()).toEqual([]), 3_000);
});

test('one socket serves one request after the other', async () => {
  const endpoint = await startEndpoint(stream(whole));
  const model = modelAt(endpoint.baseURL);
  for (let times = 0; times < 5; times++) await ask(model);
  expect(endpoint.seen).toHaveLength(5);
  expect(endpoint.sockets()).toBe(1);
});

test.each([
  [
    'changes the protocol',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  ],
  ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['sends half a head', 'HTTP/1.1 200 O'],
])('a server that %s is a typed error at once', async (_what, words) => {
  const baseURL = await startSocket((socket) => socket.once('data', () => socket.end(words)));
  const model = modelAt(baseURL, { retry: { attempts: 1 } });
  expect(await errorOf(ask(model))).toMatchObject({ code: 'connection', retryable: true });
});

test('a server that refuses a large request before it has read it is heard', async () => {
  const refusal = '{"error":{"message":"body is too large"}}';
  const baseURL = await startSocket((socket) =>
    socket.once('data', () => {
      const head = `HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: ${refusal.length}`;
      socket.end(`${head}\r\n\r\n${refusal}`);
    }),
  );
  const content = 'x'.repeat(4_000_000);
  const asked = request({ messages: [{ role: 'user', content }] });
  expect(await errorOf(ask(modelAt(baseURL), asked))).toMatchObject({ code: 'request_too_large' });
});

test('a server that closes the socket it kept is asked again, which is no attempt', async () => {
  let connections = 0;
  const body = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${whole.length}\r\n\r\n${whole}`;
  const baseURL = await startSocket((socket) => {
    let requests = 0;
    connections++;
    socket.on('data', () => {
      if (++requests === 1) socket.write(body);
      else socket.resetAndDestroy();
    });
  });
  const model = modelAt(baseURL, { retry: { attempts: 1 } });
  expect((await ask(model)).text).toBe('Yes.');
  expect((await ask(model)).text).toBe('Yes.');
  expect(connections).toBe(2);
});

test('says who it is, and what it accepts', async () => {
  const endpoint = await startEndpoint(stream(whole));
  await ask(modelAt(endpoint.baseURL));
  const [seen] = endpoint.seen;
  expect(seen?.headers).toMatchObject({
    'user-agent': 'throughline',
    'content-length': String(Buffer.byteLength(seen?.body ?? '')),
  });
  expect(seen?.headers['accept-encoding']).toBeUndefined();
});

test('a header’s value goes out without the line break it was read with', async () => {
  const endpoint = await startEndpoint(stream(whole));
  await ask(modelAt(endpoint.baseURL, { headers: { 'x-tenant': 'mine\n' } }));
  expect(endpoint.seen[0]?.headers['x-tenant']).toBe('mine');
});

test.each([1, 2, 3, 7])(
  'characters are whole, and a byte order mark is none, whatever %d bytes a chunk has',
  async (size) => {
    const text = 'Grüße, 世界 🌍! \uFEFF é';
    const bytes = Buffer.from(
      `\uFEFF${frames({ content: text }, { finish_reason: 'stop' }, '[DONE]')}`,
    );
    const endpoint = await startEndpoint(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let at = 0; at < bytes.length; at += size) {
        if (!response.write(bytes.subarray(at, at + size))) await once(response, 'drain');
        if (at % 32 < size) await new Promise(setImmediate);
      }
      response.end();
    });
    expect((await ask(modelAt(endpoint.baseURL))).text).toBe(text);
  },
);

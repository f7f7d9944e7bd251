import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { ToolError } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { body, call, failure, fetchFrom, kitOf, serving, site } from './site.ts';

const here = site();
const text = { 'content-type': 'text/plain' };

describe('a packed body is counted as it unpacks', () => {
  const packings = {
    gzip: () => zlib.createGzip(),
    br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
    deflate: () => zlib.createDeflate(),
  };
  for (const [name, pack] of Object.entries(packings)) {
    test(`a ${name} bomb of 200 MB is refused after 5 MB, though its content-length is small`, async () => {
      const bomb = await packed(pack(), 200);
      here.on(
        '/bomb',
        body(bomb, { ...text, 'content-encoding': name, 'content-length': String(bomb.length) }),
      );
      const before = process.memoryUsage().arrayBuffers;
      expect((await failure(fetchFrom(here, '/bomb'))).message).toBe(
        `"${here.url}/bomb" has more than 5,000,000 bytes, and cannot be read.`,
      );
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000);
    });

    test(`an honest ${name} body is read`, async () => {
      const bytes = await packed(pack(), 0, 'honest words');
      here.on('/honest', body(bytes, { ...text, 'content-encoding': name.toUpperCase() }));
      expect(await fetchFrom(here, '/honest')).toContain('\nhonest words\n');
    });
  }

  const zstd = (zlib as { createZstdCompress?: () => zlib.Gzip }).createZstdCompress;
  test('zstd is asked for and unpacked where Node has it, and told as unreadable where it has not', async () => {
    const frame = Buffer.from('28b52ffd200c610000686f6e65737420776f726473', 'hex');
    here.on('/zstd', body(frame, { ...text, 'content-encoding': 'zstd' }));
    here.asked.length = 0;
    if (zstd === undefined) {
      expect((await failure(fetchFrom(here, '/zstd'))).message).toContain(
        'packed in a way that cannot be read',
      );
      expect(here.asked[0]?.headers['accept-encoding']).toBe('gzip, br');
      return;
    }
    expect(await fetchFrom(here, '/zstd')).toContain('honest words');
    expect(here.asked[0]?.headers['accept-encoding']).toBe('gzip, br, zstd');
    here.on('/bomb', body(await packed(zstd(), 200), { ...text, 'content-encoding': 'zstd' }));
    expect((await failure(fetchFrom(here, '/bomb'))).message).toContain(
      'more than 5,000,000 bytes',
    );
  });

  const odd: readonly (readonly [string, string, Uint8Array | string, RegExp])[] = [
    ['packed twice', 'gzip, gzip', zlib.gzipSync(zlib.gzipSync('x')), /packed more than once/],
    ['packed in two ways', 'br,gzip', zlib.gzipSync('x'), /packed more than once/],
    ['called gzip and plain', 'gzip', 'plain words', /is not packed as its content-encoding says/],
    ['called br and plain', 'br', 'plain words', /is not packed as its content-encoding says/],
    [
      'gzip that is cut off',
      'gzip',
      zlib.gzipSync('x'.repeat(10_000)).subarray(0, 20),
      /content-encoding/,
    ],
    ['packed in an unknown way', 'compress', 'x', /packed in a way that cannot be read/],
  ];
  for (const [name, encoding, bytes, words] of odd)
    test(`a body ${name} is told in words`, async () => {
      here.on('/odd', body(bytes, { ...text, 'content-encoding': encoding }));
      const error = await failure(fetchFrom(here, '/odd'));
      expect(error).toBeInstanceOf(ToolError);
      expect(error.message).toMatch(words);
    });

  test('identity is no packing', async () => {
    here.on('/identity', body('plain words', { ...text, 'content-encoding': 'identity' }));
    expect(await fetchFrom(here, '/identity')).toContain('plain words');
  });

  test('a body without packing that never ends is refused after 5 MB', async () => {
    let sent = 0;
    here.on('/endless', (_, response) => {
      response.writeHead(200, text);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent++;
      };
      response.on('drain', more);
      more();
    });
    expect((await failure(fetchFrom(here, '/endless'))).message).toContain(
      'more than 5,000,000 bytes',
    );
    expect(sent).toBeLessThan(1_000);
  });
});

/** What a server says over a bare socket. */
const scripts = new Map<string, (socket: Socket) => void>();
const raw = serving(
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const path = data.toString('latin1').split(' ')[1] ?? '';
      scripts.get(path)?.(socket);
    });
  }),
);

async function rawFailure(timeoutMs: number, script: (socket: Socket) => void): Promise<Error> {
  scripts.set('/', script);
  const host = `127.0.0.1:${raw.port}`;
  const kit = kitOf({ robots: false, allowPrivate: [host], timeoutMs });
  return failure(call(kit, 'fetch_page', { url: `http://${host}/` }));
}

/** Writes for as long as somebody listens. */
function dribble(socket: Socket, piece: () => string, everyMs: number): void {
  const clock = setInterval(() => socket.write(piece()), everyMs);
  socket.on('close', () => clearInterval(clock));
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';

describe('a server that is slow, endless or wrong ends in words', () => {
  test('headers that never come', async () => {
    expect((await rawFailure(300, () => undefined)).message).toMatch(
      /no complete headers in time|not loaded in time/,
    );
  });

  test('headers that come for ever', async () => {
    const error = await rawFailure(400, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      dribble(socket, () => 'a: b\r\n', 10);
    });
    expect(error.message).toMatch(/in time/);
  });

  test('informational answers without end', async () => {
    const error = await rawFailure(400, (socket) =>
      dribble(socket, () => 'HTTP/1.1 100 Continue\r\n\r\n', 10),
    );
    expect(error.message).toMatch(/in time/);
  });

  test('a body of one byte now and then', async () => {
    const error = await rawFailure(500, (socket) => {
      socket.write(`${head}\r\n`);
      dribble(socket, () => 'x', 20);
    });
    expect(error.message).toContain('was not loaded in time');
  });

  test('a packed body that never unpacks to anything', async () => {
    const empty = zlib.gzipSync('').toString('latin1');
    const error = await rawFailure(500, (socket) => {
      socket.write(`${head}content-encoding: gzip\r\n\r\n`);
      const clock = setInterval(() => socket.write(empty, 'latin1'), 10);
      socket.on('close', () => clearInterval(clock));
    });
    expect(error.message).toContain('was not loaded in time');
  });

  test('100 KB of headers', async () => {
    const error = await rawFailure(5_000, (socket) =>
      socket.write(`${head}a: ${'x'.repeat(100_000)}\r\n\r\n`),
    );
    expect(error.message).toContain('sent headers that are too long');
  });

  test('a body shorter than its content-length', async () => {
    const error = await rawFailure(5_000, (socket) =>
      socket.end(`${head}content-length: 100\r\n\r\nshort`),
    );
    expect(error.message).toMatch(/broke off/);
  });

  test('a body longer than its content-length is its content-length long', async () => {
    scripts.set('/', (socket) =>
      socket.end(`${head}content-length: 5\r\n\r\nshort and then more\r\nHTTP/1.1 200 OK\r\n\r\n`),
    );
    const host = `127.0.0.1:${raw.port}`;
    const kit = kitOf({ robots: false, allowPrivate: [host] });
    expect(await call(kit, 'fetch_page', { url: `http://${host}/` })).toContain('\nshort\n');
  });

  const wrong = {
    'chunks that are no chunks': `${head}transfer-encoding: chunked\r\n\r\nzz\r\nnot a chunk\r\n`,
    'chunks that end in the middle': `${head}transfer-encoding: chunked\r\n\r\n5\r\nab`,
    'both a length and chunks': `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'two lengths': `${head}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
    'no HTTP at all': 'SSH-2.0-OpenSSH_9.2\r\n',
    nothing: '',
    'a switch of protocols':
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(wrong))
    test(name, async () => {
      const error = await rawFailure(2_000, (socket) => socket.end(bytes));
      expect(error).toBeInstanceOf(ToolError);
      expect(error.message).toMatch(/no valid HTTP|broke off|in time|answered 101/);
    });

  test('a connection that is refused', async () => {
    const kit = kitOf({ robots: false, allowPrivate: ['127.0.0.1:1'] });
    const error = await failure(call(kit, 'fetch_page', { url: 'http://127.0.0.1:1/' }));
    expect(error.message).toBe(
      '"http://127.0.0.1:1/" cannot be reached: the connection was refused.',
    );
  });
});

/** So many megabytes of zeros, or a text, packed. */
async function packed(
  packer: zlib.Gzip | zlib.BrotliCompress | zlib.Deflate,
  megabytes: number,
  words = '',
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const zeros = Buffer.alloc(1_000_000);
  function* source() {
    if (words !== '') yield Buffer.from(words);
    for (let count = 0; count < megabytes; count++) yield zeros;
  }
  await pipeline(Readable.from(source()), packer, async (out: AsyncIterable<Buffer>) => {
    for await (const chunk of out) chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

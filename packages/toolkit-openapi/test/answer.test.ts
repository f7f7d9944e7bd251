import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { openapi } from '../src/index.ts';
import { answerEmpty, call, describing, listening } from './call.ts';

const server = listening();
afterEach(() => void (server.answer = answerEmpty));
const kit = (options: object = {}) =>
  openapi(describing('/things', {}), { baseURL: server.url, ...options });

test('a result says its status, its content type and where it goes on', async () => {
  server.answer = (_, response) => {
    response
      .setHeader('content-type', 'application/json')
      .setHeader('link', '</things?page=2>; rel="next"');
    response.end('{"a":1}');
  };
  expect(await call(kit(), 'act')).toBe(
    'HTTP 200 OK, application/json\nlink: </things?page=2>; rel="next"\n\n{"a":1}',
  );
});

test('a status that is not 2xx is a ToolError in words, with what the server said of it', async () => {
  server.answer = (_, response) => {
    response
      .writeHead(422, { 'content-type': 'application/problem+json' })
      .end('{"detail":"name is taken"}');
  };
  await expect(call(kit(), 'act')).rejects.toMatchObject({
    name: 'ToolError',
    message:
      'GET /things failed. HTTP 422 Unprocessable Entity, application/problem+json\n\n{"detail":"name is taken"}',
  });
});

test('an empty answer and one that is no text are told as such', async () => {
  server.answer = (_, response) => void response.writeHead(204).end();
  expect(await call(kit(), 'act')).toBe('HTTP 204 No Content\n\n(no content)');
  server.answer = (_, response) =>
    void response.writeHead(200, { 'content-type': 'image/png', 'content-length': 3 }).end('PNG');
  expect(await call(kit(), 'act')).toContain(
    '(The content is no text, 3 bytes, and is not shown.)',
  );
});

test('a packed answer that unpacks to 100 MB is read no further than it is told', async () => {
  const bomb = gzipSync(Buffer.alloc(100_000_000, 'a'));
  server.answer = (_, response) =>
    void response
      .writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
      .end(bomb);
  const words = await call(kit({ maxResultChars: 500 }), 'act');
  expect(words).toContain('(Cut after 500 characters; ask for less, or for the next page.)');
  expect(words.length).toBeLessThan(700);
});

test('an answer without end is read no further than it is told', async () => {
  let isClosed: Promise<unknown> = Promise.resolve();
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    isClosed = new Promise((done) => response.on('close', () => done(undefined)));
    response.on('drain', more);
    more();
  };
  expect(await call(kit(), 'act')).toContain('(Cut after 40000 characters');
  await isClosed;
});

test("an abort ends a request that is waited for, with the signal's own reason", async () => {
  const abort = new AbortController();
  server.answer = () => abort.abort(new Error('enough'));
  await expect(call(kit(), 'act', {}, { signal: abort.signal })).rejects.toThrow('enough');
});

test('an abort ends an answer that is being read', async () => {
  const abort = new AbortController();
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('a');
    setTimeout(() => abort.abort(new Error('enough')), 50);
  };
  await expect(call(kit(), 'act', {}, { signal: abort.signal })).rejects.toThrow('enough');
});

test('a server that hangs up is told in words, before its answer and within it', async () => {
  server.answer = (_, response) => void response.destroy();
  await expect(call(kit(), 'act')).rejects.toThrow('GET /things was not answered: UND_ERR_SOCKET.');
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100 }).write('a');
    setTimeout(() => response.destroy(), 50);
  };
  await expect(call(kit(), 'act')).rejects.toThrow('its content broke off');
});

test("the time-out is the tool's own, 60 seconds by default", () => {
  expect([kit(), kit({ timeoutMs: 5 })].map(({ tools }) => tools[0]?.timeoutMs)).toEqual([
    60_000, 5,
  ]);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { ModelError } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, modelAt, request } from './support/ask.ts';
import { frames, json, openStream, startEndpoint, stream } from './support/endpoint.ts';
import type { Reply } from './support/endpoint.ts';

const whole = stream(frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]'));

const ways = [
  { way: {}, over: 'node:http' },
  { way: { fetch: (url: string, init: RequestInit) => fetch(url, init) }, over: 'fetch' },
];

describe.each(ways)('over $over', ({ way }) => {
  test.each<[when: string, reply: Reply]>([
    ['before the head of the response', () => undefined],
    ['before the first part', openStream(': PING\n\n')],
    ['in the middle of an answer', openStream(frames({ content: 'Ye' }))],
    ['in the middle of an error page', (response) => response.writeHead(500).write('{"err')],
    ['while waiting to ask again', json({ error: { message: 'x' } }, 503, { 'retry-after': '30' })],
  ])('an abort %s settles at once, with the very reason', async (when, reply) => {
    const endpoint = await startEndpoint(reply);
    const controller = new AbortController();
    const asked = errorOf(ask(modelAt(endpoint.baseURL, way), request(), controller.signal));
    while (endpoint.seen.length === 0) await sleep(5);
    await sleep(50);
    const reason = { why: 'the user left' };
    controller.abort(reason);
    // The server would be silent for ever, and the wait before asking again is half a minute.
    expect(await Promise.race([asked, sleep(2_000, 'too late')])).toBe(reason);
    if (!when.startsWith('while')) await endpoint.hungUp;
  });

  test('a signal that is already aborted sends nothing', async () => {
    const endpoint = await startEndpoint(whole);
    const reason = new Error('too late');
    expect(
      await errorOf(ask(modelAt(endpoint.baseURL, way), request(), AbortSignal.abort(reason))),
    ).toBe(reason);
    expect(endpoint.seen).toHaveLength(0);
  });

  test('leaving the iteration early closes the connection', async () => {
    const endpoint = await startEndpoint(openStream(frames({ content: 'Ye' })));
    for await (const _ of modelAt(endpoint.baseURL, way).stream(
      request(),
      new AbortController().signal,
    ))
      break;
    await endpoint.hungUp;
  });

  test('return() ends an iteration that is waiting for its next batch', async () => {
    const endpoint = await startEndpoint(openStream(frames({ content: 'Ye' })));
    const answer = modelAt(endpoint.baseURL, way).stream(request(), new AbortController().signal);
    const iterator = answer[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await sleep(20);
    await iterator.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await endpoint.hungUp;
  });

  test('return() before the first batch sends nothing', async () => {
    const endpoint = await startEndpoint(whole);
    const answer = modelAt(endpoint.baseURL, way).stream(request(), new AbortController().signal);
    const iterator = answer[Symbol.asyncIterator]();
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(endpoint.seen).toHaveLength(0);
  });

  test('no timer is left after any end, and the signal keeps no listener', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const broken: Reply = (response) => response.destroy();
    const endpoint = await startEndpoint(
      whole,
      json('', 500),
      broken,
      json('{}', 400),
      openStream(frames({ content: 'Ye' })),
    );
    const before = timers();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...all: Parameters<typeof add>) => (listeners++, add(...all));
    signal.removeEventListener = (...all: Parameters<typeof remove>) => (
      listeners--,
      remove(...all)
    );
    const model = modelAt(endpoint.baseURL, way);
    await ask(model, request(), signal);
    await errorOf(ask(model, request(), signal));
    for await (const _ of model.stream(request(), signal)) break;
    await endpoint.hungUp;
    expect(listeners).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('connections are used again for the next questions', async () => {
    const endpoint = await startEndpoint(whole);
    const model = modelAt(endpoint.baseURL, way);
    for (let n = 0; n < 20; n++) await ask(model);
    // Node may open a second one when the first is a moment late in becoming free.
    expect(endpoint.sockets()).toBeLessThanOrEqual(2);
  });

  test('a server that does not close after [DONE] is not waited for', async () => {
    const endpoint = await startEndpoint(
      openStream(frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]')),
    );
    expect(await ask(modelAt(endpoint.baseURL, way))).toMatchObject({
      text: 'Yes.',
      finish: 'stop',
    });
    await endpoint.hungUp;
  });
});

describe('whatever goes wrong in the moment of an abort, only its reason comes out', () => {
  const good = frames({ content: 'Ye' });
  const error = frames({ error: { message: 'boom' } });
  const leak = frames({ content: '<|tool_calls_section_begin|>' }, { error: { message: 'boom' } });
  type End = (body: ReadableStreamDefaultController<Uint8Array>) => void;
  const write =
    (text: string): End =>
    (body) =>
      body.enqueue(new TextEncoder().encode(text));

  test.each<[what: string, end: End]>([
    ['a broken connection', (body) => body.error(new TypeError('Bearer sk-test-0123456789'))],
    ['an error frame', write(error)],
    ['an error frame behind a leaked token', write(leak)],
    ['an end without a finish', (body) => body.close()],
    ['the beginning of a token', write(frames({ content: '<think' }))],
  ])('%s', async (_what, end) => {
    for (let offset = 0; offset < 60; offset++) {
      let body: ReadableStreamDefaultController<Uint8Array> | undefined;
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => void (body = controller),
      });
      const model = modelAt('http://127.0.0.1:1', { fetch: async () => new Response(stream) });
      const controller = new AbortController();
      const iterator = model.stream(request(), controller.signal)[Symbol.asyncIterator]();
      const first = iterator.next();
      if (body === undefined) throw new Error('A stream starts at once.');
      write(good)(body);
      await first;
      const next = errorOf(iterator.next());
      end(body);
      for (let at = 0; at < offset; at++) await Promise.resolve();
      const reason = { offset };
      controller.abort(reason);
      const thrown = await next;
      // What was settled before the abort stands.
      if (!(thrown instanceof ModelError)) expect(thrown).toBe(reason);
      expect(String(thrown)).not.toContain('sk-test');
    }
  });
});

import { expect, test } from 'vitest';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { frames, json, openStream, startEndpoint, stream } from '../support/endpoint.ts';
import type { Reply } from '../support/endpoint.ts';

const yes = stream(frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]'));
const busy = (message = 'busy', headers: Record<string, string> = {}): Reply =>
  json({ error: { message } }, 503, headers);

test('asks three times in all, then gives the last error', async () => {
  const endpoint = await startEndpoint(busy('first'), busy('second'), busy('third'));
  const error = await errorOf(ask(modelAt(endpoint.baseURL)));
  expect(String(error)).toContain('third');
  expect(endpoint.seen).toHaveLength(3);
  expect(new Set(endpoint.seen.map(({ body }) => body)).size).toBe(1);
});

test.each([
  ['a Retry-After of seconds', busy('x', { 'retry-after': '0.3' })],
  ['words', busy('please try again after 300 ms')],
])('waits as long as the endpoint asks in %s', async (_, reply) => {
  const endpoint = await startEndpoint(reply, yes);
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject({ text: 'Yes.' });
  const [first, second] = endpoint.seen;
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(295);
});

test('does not ask again where the endpoint asks for too long a wait', async () => {
  const endpoint = await startEndpoint(busy('x', { 'retry-after': '120' }), yes);
  const error = await errorOf(ask(modelAt(endpoint.baseURL)));
  expect(error).toMatchObject({ code: 'overloaded', retryable: true, retryAfterMs: 120_000 });
  expect(endpoint.seen).toHaveLength(1);
});

test('begins no attempt beyond its budget', async () => {
  const endpoint = await startEndpoint(busy());
  const retry = { attempts: 50, firstWaitMs: 40, maxWaitMs: 40, budgetMs: 150 };
  await errorOf(ask(modelAt(endpoint.baseURL, { retry })));
  expect(endpoint.seen.length).toBeGreaterThan(2);
  expect(endpoint.seen.length).toBeLessThan(9);
});

test.each([
  ['a used-up balance', json({ error: { type: 'exceeded_current_quota_error' } }, 429)],
  ['a refused key', json({ error: { message: 'Invalid token' } }, 401)],
  ['a refused request', json({ error: { message: 'Invalid request: x' } }, 400)],
  ['an unknown model', json({ error: { code: 'model_not_found' } }, 503)],
])('never asks again after %s', async (_, reply) => {
  const endpoint = await startEndpoint(reply, yes);
  await errorOf(ask(modelAt(endpoint.baseURL)));
  expect(endpoint.seen).toHaveLength(1);
});

test('asks once more, slowly, when a model that has worked is gone', async () => {
  const gone = json({ error: { code: 'model_not_found' } }, 503);
  const endpoint = await startEndpoint(yes, gone, yes, gone, gone, gone);
  const model = modelAt(endpoint.baseURL, { retry: { firstWaitMs: 20 } });
  await ask(model);
  expect(await ask(model)).toMatchObject({ text: 'Yes.' });
  expect(endpoint.seen[2]!.at - endpoint.seen[1]!.at).toBeGreaterThanOrEqual(195);
  expect(await errorOf(ask(model))).toMatchObject({ code: 'model_not_found' });
  expect(endpoint.seen).toHaveLength(5);
});

test.each([
  ['a socket that is cut', ((response) => response.destroy()) as Reply],
  ['an empty body', json('')],
  ['half a body', json('{"choices":[{"mess')],
  [
    'an error frame before any part',
    stream(frames(': PING\n\n', { role: 'assistant' }, { error: { type: 'server_error' } })),
  ],
  ['keep-alives and [DONE]', stream(frames(': PING\n\n', '[DONE]'))],
])('asks again after %s', async (_, reply) => {
  const endpoint = await startEndpoint(reply, yes);
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject({ text: 'Yes.' });
  expect(endpoint.seen).toHaveLength(2);
});

test('never asks again after the first part', async () => {
  const cut: Reply = (response) => {
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(frames({ content: 'Ye' }));
    setTimeout(() => response.end(frames({ error: { type: 'server_error' } })), 50);
  };
  const endpoint = await startEndpoint(cut, yes);
  expect(await errorOf(ask(modelAt(endpoint.baseURL)))).toMatchObject({ code: 'server' });
  expect(endpoint.seen).toHaveLength(1);
});

test('gives up a silent endpoint after the first-byte time-out, and asks again', async () => {
  const endpoint = await startEndpoint(() => undefined, yes);
  const model = modelAt(endpoint.baseURL, { firstByteTimeoutMs: 80 });
  expect(await ask(model)).toMatchObject({ text: 'Yes.' });
  await endpoint.hungUp;
});

test('gives up an answer that stops, with a retryable time-out', async () => {
  const endpoint = await startEndpoint(openStream(frames({ content: 'Ye' })));
  const error = await errorOf(ask(modelAt(endpoint.baseURL, { idleTimeoutMs: 80 })));
  expect(error).toMatchObject({ code: 'timeout', retryable: true });
  expect(String(error)).toContain('stopped for 80 ms. Raise idleTimeoutMs');
  await endpoint.hungUp;
});

/** Says something every 20 ms. */
function ticking(head: string, tick: string, last?: string): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(head);
    const timer = setInterval(() => response.write(tick), 20);
    response.on('close', () => clearInterval(timer));
    if (last !== undefined) setTimeout(() => response.end(last), 300);
  };
}

/** For so long nothing else in this process goes on, as while it computes. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test.each([
  ['rests between two batches', () => new Promise((resolve) => setTimeout(resolve, 700))],
  ['keeps the process busy', () => block(700)],
])('a reader that %s is not the server’s silence', async (_what, dawdle) => {
  const endpoint = await startEndpoint(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < 20; at++) {
      response.write(frames({ content: `${at} ` }));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    response.end(frames({ finish_reason: 'stop' }, '[DONE]'));
  });
  const timeouts = { firstByteTimeoutMs: 400, idleTimeoutMs: 400 };
  let batches = 0;
  let finish: string | undefined;
  const model = modelAt(endpoint.baseURL, timeouts);
  for await (const batch of model.stream(request(), new AbortController().signal)) {
    if (++batches % 3 === 1) await dawdle();
    for (const part of batch) if (part.type === 'finish') finish = part.reason;
  }
  expect(finish).toBe('stop');
});

test('a process that was busy looks at what has come before it calls a server silent', async () => {
  const endpoint = await startEndpoint(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames({ content: 'Yes.' }));
    setTimeout(() => response.end(frames({ finish_reason: 'stop' }, '[DONE]')), 100);
  });
  const timeouts = { firstByteTimeoutMs: 5_000, idleTimeoutMs: 400 };
  const asked = ask(modelAt(endpoint.baseURL, timeouts));
  await new Promise((resolve) => setTimeout(resolve, 60));
  block(1_000);
  expect((await asked).finish).toBe('stop');
});

test('believes a gateway that says it is still waiting', async () => {
  const last = frames({ content: 's.' }, { finish_reason: 'stop' }, '[DONE]');
  const endpoint = await startEndpoint(ticking(frames({ content: 'Ye' }), ': PING\n\n', last));
  const model = modelAt(endpoint.baseURL, { idleTimeoutMs: 100, firstByteTimeoutMs: 5000 });
  expect(await ask(model)).toMatchObject({ text: 'Yes.' });
});

test('but not forever', async () => {
  const endpoint = await startEndpoint(ticking(frames({ content: 'Ye' }), ': PING\n\n'));
  const model = modelAt(endpoint.baseURL, { idleTimeoutMs: 100, firstByteTimeoutMs: 250 });
  const error = await errorOf(ask(model));
  expect(error).toMatchObject({ code: 'timeout' });
  expect(String(error)).toContain('nothing but keep-alive comments');
});

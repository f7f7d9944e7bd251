import { expect, test, vi } from 'vitest';
import { anyfast, mediaPart } from '../../src/index.ts';
import type { ReceivedResponse, SentRequest } from '../../src/index.ts';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { brokenStream, frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const text = frames(': PING\n\n', { content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]');

test('watchers see what went over the wire, with the key struck out', async () => {
  const key = 'sk-very-secret-0123';
  const endpoint = await startEndpoint(json({ error: { message: 'busy' } }, 503), stream(text));
  const sent: SentRequest[] = [];
  const received: ReceivedResponse[] = [];
  const model = modelAt(endpoint.baseURL, {
    apiKey: key,
    onRequest: (one) => sent.push(one),
    onResponse: (one) => received.push(one),
  });
  await ask(model, request({ messages: [{ role: 'user', content: `My key is ${key}.` }] }));
  expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(sent[0]).toMatchObject({ method: 'POST', url: `${endpoint.baseURL}/chat/completions` });
  expect(sent[0]!.headers['authorization']).toBe('Bearer [key]');
  expect(sent[0]!.body).toContain('My key is [key].');
  expect(received.map(({ status }) => status)).toEqual([503, 200]);
  expect(received[1]!.body).toBe(text);
  expect(JSON.stringify([sent, received])).not.toContain('very-secret');
});

test('a response that broke off is told with what came of it', async () => {
  const endpoint = await startEndpoint(brokenStream(frames({ content: 'Ye' })));
  const received: ReceivedResponse[] = [];
  await errorOf(ask(modelAt(endpoint.baseURL, { onResponse: (one) => received.push(one) })));
  expect(received[0]!.body).toBe(frames({ content: 'Ye' }));
});

test('debug prints requests and responses as lines', async () => {
  const endpoint = await startEndpoint(stream(text));
  const lines: string[] = [];
  const picture = await mediaPart(
    Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(999)]),
  );
  const messages = [{ role: 'user', content: [picture] }] as const;
  await ask(
    modelAt(endpoint.baseURL, { debug: (line) => lines.push(line) }),
    request({ messages }),
  );
  expect(lines[0]).toMatch(/^→ POST http.*\n {2}\{\n {4}"model": "kimi-k2.6"/);
  expect(lines[0]).toContain('… (13');
  expect(lines[1]).toMatch(/^← 200 in \d+ ms\n {2}: PING/);
});

test('debug: true prints to stderr', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const endpoint = await startEndpoint(json({ data: [] }));
    await anyfast.models({ baseURL: endpoint.baseURL, debug: true });
    expect(write.mock.calls.join('')).toContain('→ GET');
  } finally {
    write.mockRestore();
  }
});

test('a watcher that throws disturbs no request', async () => {
  const endpoint = await startEndpoint(stream(text));
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
  const listeners = process.listeners('uncaughtException').slice(0, -1);
  for (const listener of listeners) process.off('uncaughtException', listener);
  try {
    const onRequest = (): never => {
      throw new Error('mine');
    };
    expect(await ask(modelAt(endpoint.baseURL, { onRequest }))).toMatchObject({ text: 'Yes.' });
    expect(await thrown).toMatchObject({ message: 'mine' });
  } finally {
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

import { ThroughlineError } from '@throughline/core';
import type { Message } from '@throughline/core';
import { describe, expect, it, test } from 'vitest';
import { anyfast } from '../../src/index.ts';
import type { AnyfastOptions } from '../../src/index.ts';
import { ask, modelAt, request } from '../support/ask.ts';
import { frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const file = { version: 1, baseURL: 'http://127.0.0.1:9/v1', model: 'kimi-k2.6', use: {} };

/** The body that goes out for a conversation, with this use in the file. */
async function bodyWith(use: object, options: AnyfastOptions = {}, messages?: readonly Message[]) {
  const asked = request(messages === undefined ? {} : { messages });
  const bytes = await anyfast.body('kimi-k2.6', asked, {
    capabilities: { ...file, use },
    ...options,
  });
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

describe('the file of the doctor', () => {
  it('stands for the options that it names', async () => {
    const body = await bodyWith({ stream: false, thinking: { type: 'enabled' } });
    expect(body).toMatchObject({ stream: false, thinking: { type: 'enabled' } });
    expect(body).not.toHaveProperty('stream_options');
  });

  it('gives way to an option that is passed beside it', async () => {
    const body = await bodyWith(
      { stream: false, thinking: { type: 'disabled' } },
      { stream: true },
    );
    expect(body).toMatchObject({ stream: true, thinking: { type: 'disabled' } });
  });

  it('keeps fields from the endpoint that it refuses, and no others', async () => {
    const body = await bodyWith({ omit: ['stream_options', 'thinking'] });
    expect(Object.keys(body)).toEqual(['model', 'stream', 'tools', 'messages']);
  });

  it('sends thoughts back under the one key that the endpoint takes, from the first request on', async () => {
    const messages: readonly Message[] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hi.', reasoning: 'A greeting.' },
      { role: 'user', content: 'Bye' },
    ];
    const sent = async (use: object) => (await bodyWith(use, {}, messages))['messages'];
    expect(await sent({})).toEqual(messages);
    expect(await sent({ reasoningKey: 'reasoning_content' })).toMatchObject([
      {},
      { role: 'assistant', content: 'Hi.', reasoning_content: 'A greeting.' },
      {},
    ]);
  });

  it('is read where the endpoint is the one it tells of, however its address ends', async () => {
    const done = { choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }] };
    const { baseURL, seen } = await startEndpoint(json(done));
    const capabilities = { ...file, baseURL: `${baseURL}/`, use: { stream: false } };
    const { text } = await ask(modelAt(baseURL, { capabilities }));
    expect(text).toBe('ok');
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ stream: false });
  });

  it('holds what people read beside what the transport reads', async () => {
    const { baseURL } = await startEndpoint(
      stream(frames({ content: 'ok' }, { finish_reason: 'stop' })),
    );
    const capabilities = { ...file, baseURL, findings: [{ name: 'reach' }], usd: 0.01 };
    expect((await ask(modelAt(baseURL, { capabilities }))).text).toBe('ok');
  });
});

test.each<[capabilities: unknown, told: string]>([
  ['doctor.json', 'capabilities is "doctor.json", but it must be the parsed file of the doctor'],
  [null, 'capabilities is null'],
  [{ ...file, version: 2 }, 'capabilities.version is 2, but it must be 1; write the file again'],
  [{}, 'capabilities.version is undefined'],
  [{ ...file, model: 'kimi-k9' }, 'capabilities.model is "kimi-k9", but it must be "kimi-k2.6"'],
  [{ ...file, baseURL: 'https://a.example/v1' }, 'capabilities.baseURL is "https://a.example/v1"'],
  [{ ...file, baseURL: undefined }, 'capabilities.baseURL is undefined'],
  [{ ...file, use: [] }, 'capabilities.use is []'],
  [{ ...file, use: { temperature: 1 } }, 'without "temperature", which this version does not know'],
  [{ ...file, use: { stream: true } }, 'capabilities.use.stream is true, but it must be false'],
  [{ ...file, use: { thinking: 'off' } }, 'capabilities.use.thinking is "off"'],
  [{ ...file, use: { reasoningKey: 'reasoning' } }, 'capabilities.use.reasoningKey is "reasoning"'],
  [{ ...file, use: { omit: ['messages'] } }, 'capabilities.use.omit is ["messages"]'],
])('a file that says %j is refused in words', (capabilities, told) => {
  const options = { apiKey: 'sk-test', baseURL: file.baseURL, capabilities } as AnyfastOptions;
  const make = (): unknown => anyfast('kimi-k2.6', options);
  expect(make).toThrow(ThroughlineError);
  expect(make).toThrow(told);
});

import { ThroughlineError } from '@throughline/core';
import { expect, test } from 'vitest';
import { anyfast } from '../../src/index.ts';

test.each<[options: object, told: string]>([
  [{ temperature: 3 }, 'temperature is 3, but it must be a number from 0 to 2.'],
  [{ topP: -0.1 }, 'topP is -0.1, but it must be a number from 0 to 1.'],
  [{ frequencyPenalty: 2.5 }, 'frequencyPenalty is 2.5'],
  [{ presencePenalty: Number.NaN }, 'presencePenalty is NaN'],
  [
    { maxCompletionTokens: 0 },
    'maxCompletionTokens is 0, but it must be a whole number from 1 or more.',
  ],
  [{ maxCompletionTokens: 1.5 }, 'maxCompletionTokens is 1.5'],
  [{ stream: 'yes' }, 'stream is "yes"'],
  [{ stop: ['1', '2', '3', '4', '5', '6'] }, 'stop is ["1","2","3","4","5","6"]'],
  [{ stop: 'x'.repeat(33) }, 'up to 5 texts of 1 to 32 bytes each'],
  [{ thinking: {} }, 'thinking is {}'],
  [{ thinking: { type: 'enabled', keep: 'some' } }, 'thinking is {"type":"enabled","keep":"some"}'],
  [{ responseFormat: { type: 'xml' } }, 'responseFormat is {"type":"xml"}'],
  [{ promptCacheKey: '' }, 'promptCacheKey is ""'],
  [{ firstByteTimeoutMs: Infinity }, 'firstByteTimeoutMs is Infinity'],
  [{ idleTimeoutMs: 0 }, 'idleTimeoutMs is 0'],
  [{ retry: { attempts: 0 } }, 'retry.attempts is 0'],
  [{ baseURL: 'anyfast' }, 'baseURL is "anyfast"'],
  [
    { baseURL: 'https://me:pw@x.example/v1' },
    'without a user name and password, ? and #; use apiKey',
  ],
  [{ headers: { Authorization: 'x' } }, 'use apiKey'],
  [{ headers: { 'a b': 'x' } }, 'a valid header name and value'],
  [{ headers: { 'x-tenant': 'a\u0001' } }, 'a valid header name and value'],
  [{ prices: { inputUsd: 1, cachedUsd: 1 } }, 'prices.outputUsd is undefined'],
  [{ onRequest: 1 }, 'onRequest is a number, but it must be a function'],
  [
    { retry: { attempt: 3 } },
    'anyfast(): retry has no option "attempt". It has attempts, firstWaitMs',
  ],
  [{ apikey: 'x' }, 'anyfast() has no option "apikey". It has apiKey, baseURL'],
])('refuses %j in words', (options, told) => {
  const make = (): unknown => anyfast('kimi-k2.6', { apiKey: 'sk-test', ...options });
  expect(make).toThrow(ThroughlineError);
  expect(make).toThrow(told);
});

test('a key with a line break is refused, and not shown', () => {
  const make = (): unknown => anyfast('kimi-k2.6', { apiKey: 'sk-secret\nline' });
  expect(make).toThrow('apiKey is "…"');
});

test('a model without a name is refused', () => {
  expect(() => anyfast('', { apiKey: 'sk-test' })).toThrow('the model is ""');
});

test('the list of models has options of its own', async () => {
  await expect(anyfast.models({ baseUrl: 'x' } as never)).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining('anyfast.models() has no option "baseUrl". It has') as string,
  });
});

test.each<[what: string, make: () => unknown]>([
  ['as the options', () => anyfast('kimi-k2.6', 'sk-secret-0123456789' as never)],
  ['as the model', () => anyfast({ apiKey: 'topsecretkey' } as never)],
  ['as the retries', () => anyfast('kimi-k2.6', { apiKey: 'k', retry: 'topsecretkey' as never })],
  ['as the base URL', () => anyfast('kimi-k2.6', { baseURL: 'sk-secret-0123456789' })],
  ['as the fetch', () => anyfast('kimi-k2.6', { apiKey: 'k', fetch: 'topsecretkey' as never })],
  ['as the headers', () => anyfast('kimi-k2.6', { apiKey: 'k', headers: 'topsecretkey' as never })],
])('a key that was passed %s is not shown', (_what, make) => {
  expect(make).toThrow(ThroughlineError);
  expect(make).not.toThrow(/secret/);
});

test.each<[what: string, value: unknown]>([
  ['10n', 10n],
  ['a value that holds itself', circular()],
  ['a symbol', Symbol('s')],
])('a value that cannot be written down is refused in words all the same: %s', (_what, value) => {
  for (const name of ['temperature', 'thinking', 'stop', 'responseFormat', 'promptCacheKey']) {
    expect(() => anyfast('kimi-k2.6', { apiKey: 'k', [name]: value })).toThrow(ThroughlineError);
  }
});

function circular(): { self?: unknown } {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

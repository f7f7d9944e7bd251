import { expect, test } from 'vitest';
import { anyfast } from '../../src/index.ts';
import type { ReceivedResponse, SentRequest } from '../../src/index.ts';
import { redactor } from '../../src/options/redact.ts';
import { strikeOut } from '../../src/options/strike-out.ts';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const key = 'own-Very-sEcret-0123456789';
const struck = strikeOut({ secrets: [key], redact: redactor(key) });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The key as hosts, proxies and logs may write it. */
const writings: Readonly<Record<string, string>> = {
  plain: key,
  'in capitals': key.toUpperCase(),
  'in small letters': key.toLowerCase(),
  'in base64': base64(key),
  'in base64 behind a name': base64(`Bearer ${key}`),
  'in base64 between other bytes': base64(`user:${key}:x`),
  'in base64 for URLs': Buffer.from(`{"k":"${key}"}`).toString('base64url'),
  'in hexadecimal': Buffer.from(key).toString('hex'),
  'split by a line break': `${key.slice(0, 9)}\n${key.slice(9)}`,
  'split by quotes': `${key.slice(0, 9)}" + "${key.slice(9)}`,
  'letter by letter': [...key].join(' '),
  'with a mark between that nobody sees': `${key.slice(0, 9)}\u200b${key.slice(9)}`,
  'as a URL writes it': encodeURIComponent(key).replaceAll('e', '%65'),
  'as JSON may write it': key.replaceAll('e', '\\u0065'),
};
const rests = ['Very', 'VERY', 'sEcret', '0123456789', base64(key).slice(4, 20), '536563'];

test.each(Object.entries(writings))('the key is struck out where it stands %s', (_how, written) => {
  const clean = struck(`before ${written} after`);
  expect(clean).toMatch(/before.*\[key\].*after/s);
  for (const rest of rests) expect(clean).not.toContain(rest);
});

test('what is no key stays as it is', () => {
  const text = 'The very secret of 0123456789 is https://host/v1?x=1#y, own it. 中文 \u{1f600}';
  expect(struck(text)).toBe(text);
  expect(strikeOut({ secrets: [], redact: redactor() })(text)).toBe(text);
});

test.each(Object.entries(writings))(
  'over HTTP no error, watcher or debug line shows the key %s',
  async (_how, written) => {
    const endpoint = await startEndpoint(
      json({ error: { message: `Bad key: ${written}`, code: written } }, 401, {
        'x-request-id': written.replace(/[^ -~]/g, ''),
      }),
    );
    const lines: string[] = [];
    const seen: (SentRequest | ReceivedResponse)[] = [];
    const model = modelAt(endpoint.baseURL, {
      apiKey: key,
      onRequest: (one) => seen.push(one),
      onResponse: (one) => seen.push(one),
      debug: (line) => lines.push(line),
    });
    const messages = [{ role: 'user', content: `My key is ${written}` }] as const;
    const error = await errorOf(ask(model, request({ messages })));
    const told = JSON.stringify([error, String(error), (error as Error).stack, seen, lines]);
    for (const rest of rests) expect(told).not.toContain(rest);
    expect(seen).toHaveLength(2);
  },
);

test('a key that a stream tells in pieces is in nothing that watchers see', async () => {
  const pieces = key.match(/.{1,3}/g) ?? [];
  const deltas = pieces.map((content) => ({ content }));
  const text = frames(...deltas, { finish_reason: 'stop' }, '[DONE]');
  const endpoint = await startEndpoint(stream(text));
  const received: ReceivedResponse[] = [];
  const options = { apiKey: key, onResponse: (one: ReceivedResponse) => received.push(one) };
  await ask(modelAt(endpoint.baseURL, options));
  expect(received[0]?.body).toContain('"content":"[key]"');
  for (const piece of pieces) expect(received[0]?.body).not.toContain(`"${piece}"`);
});

test('headers that are secret by their name are secret', async () => {
  const secret = 'hush-hush-4711-abcdef';
  const endpoint = await startEndpoint(json({ error: { message: `no ${secret}` } }, 403));
  const seen: unknown[] = [];
  const model = modelAt(endpoint.baseURL, {
    headers: { 'x-api-key': secret, 'x-tenant': 'visible-tenant' },
    onRequest: (one) => seen.push(one),
  });
  const error = await errorOf(ask(model));
  const told = JSON.stringify([String(error), seen]);
  expect(told).not.toContain('hush');
  expect(told).toContain('visible-tenant');
});

test.each<[string, () => unknown]>([
  ['as the model', () => anyfast(key, { apiKey: key })],
  ['as the model, without an apiKey', () => anyfast('sk-Very-0123456789')],
  ['as the base URL', () => anyfast('kimi-k2.6', { apiKey: key, baseURL: key })],
  [
    'as the base URL, without an apiKey',
    () => anyfast('kimi-k2.6', { baseURL: '0123456789abcdefVery0123456789' }),
  ],
  [
    'as a password',
    () => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: 'https://me:Very?#s@x.example/v1' }),
  ],
  [
    'as a password without a scheme',
    () => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: 'me:Very@x.example/v1' }),
  ],
  [
    'in the query',
    () => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: 'https://x.example/v1?api_key=Very-1' }),
  ],
  [
    'in the fragment',
    () => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: 'https://x.example/v1#Very-1' }),
  ],
  [
    'in a URL of another kind',
    () => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: 'ftp://x/?token=Very-1' }),
  ],
  ['as the temperature', () => anyfast('kimi-k2.6', { apiKey: key, temperature: key as never })],
  [
    'as the temperature, without an apiKey',
    () =>
      anyfast('kimi-k2.6', { apiKey: 'k', temperature: '0123456789abcdefVery0123456789' as never }),
  ],
  [
    'inside an object',
    () => anyfast('kimi-k2.6', { apiKey: key, thinking: { type: key } as never }),
  ],
  ['as the name of an option', () => anyfast('kimi-k2.6', { apiKey: key, [key]: 1 } as never)],
  [
    'in capitals',
    () => anyfast('kimi-k2.6', { apiKey: key, temperature: key.toUpperCase() as never }),
  ],
  ['as a stop word', () => anyfast('kimi-k2.6', { apiKey: key, stop: `${key}${key}` })],
])('a key that stands %s is refused there, and not shown', (_where, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  expect(make).not.toThrow(/very|0123456789|s@x/i);
});

test('the same holds for the list of models', async () => {
  const error = await errorOf(anyfast.models({ apiKey: key, baseURL: key }));
  expect(error).toMatchObject({ code: 'invalid_option' });
  expect(String(error)).not.toMatch(/very/i);
});

test.each(['/chat/completions', '/chat/completions/', '/models', '/messages'])(
  'a base URL that ends with %s is refused, with the one that is meant',
  (path) => {
    const make = (): unknown =>
      anyfast('kimi-k2.6', { apiKey: 'k', baseURL: `https://x.example/v1${path}` });
    expect(make).toThrow(/which is added: https:\/\/x\.example\/v1\.$/);
  },
);

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cassette } from '@throughline/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, folder, nobody, simulated } from './support/weather.ts';

const key = 'sk-Zq7fP2mXw9Lk4vT8';

/** The ways in which a text may hold the key, each with how it is told apart from others. */
const writings: Readonly<Record<string, string>> = {
  'as it is': key,
  'without sk-': key.slice(3),
  'in capitals': key.toUpperCase(),
  'with blanks between': key.split('').join(' '),
  'with escapes of JSON': Array.from(key, (sign) => `\\u00${hex(sign)}`).join(''),
  'with escapes of a URL': Array.from(key, (sign) => `%${hex(sign)}`).join(''),
  'in base64': Buffer.from(`Bearer ${key}`).toString('base64'),
  'in base64 behind a name': Buffer.from(`u:${key}`).toString('base64'),
  'in hexadecimal': Buffer.from(key).toString('hex'),
};

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16);
}

/** No piece of eight signs of it, in none of these writings. */
async function expectNoKey(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const told = [text, ...text.split('\n').map(everyText)].join('\n').toLowerCase();
  const letters = told.replace(/[^a-z0-9]/g, '');
  for (const whole of [key.slice(3), hexOf(key.slice(3)), ...base64Of(key)]) {
    for (let at = 0; at + 10 <= whole.length; at++) {
      expect(letters).not.toContain(whole.slice(at, at + 10).toLowerCase());
    }
  }
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

function base64Of(text: string): readonly string[] {
  return ['', ' ', '  '].map((before) => {
    const written = Buffer.from(before + text).toString('base64');
    return written.slice(4, -4);
  });
}

/** What the lines of a cassette say: the bytes of base64, and what escapes of URLs and of JSON stand for, too. */
function everyText(line: string): string {
  if (line === '') return '';
  const { text = '', base64 = '' } = JSON.parse(line) as Record<string, string>;
  const said = Buffer.from(base64, 'base64').toString('latin1') + text;
  const meant = said.replace(/(?:%|\\u00)([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  return `${said} ${meant}`;
}

/** Answers each request with a text, in pieces of so many bytes, and headers. */
async function echoing(
  say: () => string,
  { cut = 1_000, headers = {} }: { cut?: number; headers?: Record<string, string> } = {},
): Promise<string> {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    response.writeHead(200, headers);
    const bytes = Buffer.from(say());
    for (let at = 0; at < bytes.length; at += cut) {
      response.write(bytes.subarray(at, at + cut));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
}

async function recorded(url: string, init: RequestInit): Promise<{ file: string; live: string }> {
  const file = join(await folder(), 'echo.jsonl');
  const response = await cassette(file, { mode: 'record' })(url, init);
  return { file, live: await response.text() };
}

const authorized = { method: 'POST', headers: { authorization: `Bearer ${key}` } };

describe('a cassette holds no key', () => {
  it('of a run of an agent, where it went out in a header', async () => {
    const file = join(await folder(), 'weather.jsonl');
    const { url: baseURL } = await simulated({ key });
    const live = await ask({ baseURL, apiKey: key, fetch: cassette(file, { mode: 'record' }) });
    expect(live.result?.stopReason).toBe('answer');
    await expectNoKey(file);
    expect(await readFile(file, 'utf8')).not.toMatch(/authorization|bearer/i);
  });

  it.each(Object.entries(writings))(
    'that the endpoint echoes in its answer, %s',
    async (_, echo) => {
      for (const cut of [1, 5, 1000]) {
        const url = await echoing(() => `{"error":"no key ${echo} here"}`, { cut });
        const { file, live } = await recorded(url, { ...authorized, body: '{}' });
        expect(live).toContain(echo); // what is played is clean, what came is untouched
        await expectNoKey(file);
        const played = await (await cassette(file)(url, { ...authorized, body: '{}' })).text();
        expect(played).toHaveLength(live.length);
        expect(played.endsWith(' here"}')).toBe(true);
      }
    },
  );

  it('that a stream tells piece by piece', async () => {
    const frames = Array.from(key, (sign) => {
      return `data: {"choices":[{"delta":{"content":${JSON.stringify(sign)}}}]}\n\n`;
    });
    const url = await echoing(() => frames.join(''));
    const { file } = await recorded(url, { ...authorized, body: '{}' });
    const played = await (await cassette(file)(url, { ...authorized, body: '{}' })).text();
    const said = Array.from(played.matchAll(/"content":"(.)"/g), ([, sign]) => sign).join('');
    expect(said).toBe(`**-${'*'.repeat(key.length - 3)}`);
  });

  it.each(Object.entries(writings))('that stands in the request, %s', async (_, echo) => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: `my key is ${echo}` }] });
    const url = await echoing(() => 'ok');
    const { file } = await recorded(`${url}?key=${encodeURIComponent(key)}`, {
      ...authorized,
      body,
    });
    await expectNoKey(file);
    const again = await cassette(file)(`${url}?key=${encodeURIComponent(key)}`, {
      ...authorized,
      body,
    });
    expect(await again.text()).toBe('ok');
  });

  it('that comes in a header of the response, or goes out in another header', async () => {
    const headers = { 'x-request-id': `for ${key}`, 'set-cookie': key };
    const url = await echoing(() => key, { headers });
    const { file } = await recorded(url, {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: '{}',
    });
    await expectNoKey(file);
    expect(await readFile(file, 'utf8')).not.toContain('cookie');
  });

  it('that went out in the query or in the body alone, and plays for a request with another key', async () => {
    const url = await echoing(() => `your key is ${key}`);
    const ask = (tape: typeof fetch, sent: string) =>
      tape(`${url}?api_key=${sent}`, { method: 'POST', body: `{"token":"${sent}","n":1}` });
    const file = join(await folder(), 'query.jsonl');
    await (await ask(cassette(file, { mode: 'record' }), key)).text();
    await expectNoKey(file);
    const played = await ask(cassette(file), 'another-key-of-another-length');
    expect(await played.text()).toMatch(/^your key is \*\*-\*+$/);
  });

  it('of the environment, whatever was sent', async () => {
    vi.stubEnv('ANYFAST_API_KEY', key);
    const url = await echoing(() => `it is ${key.slice(3)}`);
    const { file } = await recorded(url, { method: 'POST', body: '{}' });
    await expectNoKey(file);
  });

  it('beside pictures of megabytes', async () => {
    const picture = `data:image/png;base64,${'QUJDRA'.repeat(300_000)}`;
    const body = JSON.stringify({ picture, again: { picture }, note: `${key}${picture}` });
    const url = await echoing(() => body, { cut: 1_000_000 });
    const { file, live } = await recorded(url, { ...authorized, body });
    expect(live).toBe(body);
    const text = await readFile(file, 'utf8');
    expect(text.toLowerCase()).not.toContain(key.slice(3).toLowerCase());
    const again = await cassette(file)(url, { ...authorized, body });
    expect(await again.text()).toHaveLength(body.length);
  });

  it('in the words of an error of the platform', async () => {
    const file = join(await folder(), 'error.jsonl');
    const failing = () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error(`at ${key}`) }));
    const tape = cassette(file, { mode: 'record', fetch: failing });
    await expect(tape('http://127.0.0.1:9/', authorized)).rejects.toThrow('fetch failed');
    await expectNoKey(file);
  });
});

describe('redact', () => {
  it('takes more out of what is kept, and of what is compared', async () => {
    const file = join(await folder(), 'names.jsonl');
    const redact = ['Ada Lovelace', /gr\p{L}+ Hopper/giu];
    const { url: baseURL, key: apiKey } = await simulated({
      script: () => ({ text: 'Ada Lovelace is well.' }),
    });
    const record = cassette(file, { mode: 'record', redact });
    const live = await ask({ baseURL, apiKey, fetch: record }, 'How is Ada Lovelace?');
    expect(live.result?.text).toBe('Ada Lovelace is well.');
    expect(await readFile(file, 'utf8')).not.toMatch(/Ada|Love|lace/);
    const tape = cassette(file, { redact });
    const played = await ask({ ...nobody, fetch: tape }, 'How is Grace Hopper?');
    expect(played.error).toBeUndefined();
    tape.assertAllUsed();
  });
});

import { ModelError } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { isStructural, missesReasoning } from '../src/encode/strict-history.ts';
import { requestIdOf } from '../src/error/error-body.ts';
import { refusedError, toModelError } from '../src/error/model-error.ts';
import { summaryOfPage } from '../src/error/page.ts';
import { retryAfterMs, waitOf } from '../src/error/retry-after.ts';
import { Watcher } from '../src/http/watcher.ts';
import { anyfast } from '../src/index.ts';
import { keyFinder, strikeOut } from '../src/options/strike-out.ts';
import { oneLine, visible, visibleLines } from '../src/wire/foreign-text.ts';
import { ResponseProblemError } from '../src/wire/response-problem.ts';
import { ask, errorOf, modelAt } from './support/ask.ts';
import { cpuMsOf } from './support/cpu-time.ts';
import { json, startEndpoint } from './support/endpoint.ts';
import { redactor } from '../src/options/redact.ts';

const size = 1_000_000;
const filled = (piece: string): string =>
  piece.repeat(Math.ceil(size / piece.length)).slice(0, size);

/** Each is written to cost a pattern with two open ends its square. */
const hostile: Readonly<Record<string, string>> = {
  blanks: filled(' '),
  'line breaks': filled('\r\n'),
  'prompt tokens': filled('prompt tokens max tokens exceed the '),
  'context words': filled('context input message '),
  'model words': filled('model maximum context '),
  'waiting words': filled('try again in after retry wait '),
  digits: filled('1'),
  'numbers and units': filled('1m 2h and 3s, '),
  'open brackets': filled('[{('),
  'open angles': filled('<a <script <title '),
  'request ids': filled('(request id: '),
  keys: filled('sk-'),
  'half keys': filled('own-very-secret-012345678 '),
  quotes: filled('"message":"\\"'),
  'JSON in JSON': filled('{"error":{"message":"{\\"error\\":'),
  'nested JSON': `${'{"error":'.repeat(90_000)}1${'}'.repeat(90_000)}`,
  'URLs with users': filled('https://a:b'),
  'control characters': filled('\u001b]0;\u0007'),
  Chinese: filled('上下文输入超余额 token 秒后'),
};

const to = {
  model: 'kimi-k2.6',
  baseURL: 'https://www.anyfast.ai/v1',
  hasKey: true,
  secrets: ['own-very-secret-0123456789'],
  redact: redactor('own-very-secret-0123456789'),
};
const watching = { onRequest: () => {}, onResponse: () => {}, debug: () => {} };
const bytes = (text: string) => new TextEncoder().encode(text);

/** Every place where text of somebody else is matched, but for those of `decode/`. */
const places: Readonly<Record<string, (text: string) => unknown>> = {
  'a refused body': (body) => refusedError({ status: 400, body }, to),
  'a message': (message) =>
    refusedError({ status: 429, body: JSON.stringify({ error: { message } }) }, to),
  'a page': (text) => refusedError({ status: 502, body: `<html>${text}` }, to),
  'a list of details': (msg) =>
    refusedError({ status: 422, body: JSON.stringify({ detail: [{ msg, loc: [msg] }] }) }, to),
  'a frame of a stream': (message) =>
    toModelError(
      new ResponseProblemError({
        kind: 'error frame',
        frame: { error: { message, code: message } },
      }),
      to,
    ),
  'an unreadable answer': (body) =>
    toModelError(new ResponseProblemError({ kind: 'unreadable', body }), to),
  'what a fetch threw': (text) => toModelError(new Error(text, { cause: new Error(text) }), to),
  'a page, alone': summaryOfPage,
  'the words of a wait': (text) => retryAfterMs(undefined, text),
  'the field of a wait': waitOf,
  'a request id': (text) =>
    requestIdOf(new Headers({ 'x-request-id': text.replace(/[^ -~]/g, '.') })),
  'a text in one line': (text) => oneLine(text),
  'a visible text': visible,
  'visible lines': visibleLines,
  'a redacted text': strikeOut(to),
  'the search for keys': keyFinder(to),
  'a watched exchange': (text) => {
    const watcher = new Watcher(watching, to);
    const outgoing = { method: 'POST', url: to.baseURL, headers: {}, body: bytes(text) } as const;
    watcher.sent(outgoing, 1);
    const head = { status: 200, headers: new Headers() };
    watcher.received({ outgoing, attempt: 1, head, startedAt: 0 }, text);
  },
  'the words of a refused history': (text) => {
    const error = new ModelError(
      'invalid_request',
      refusedError({ status: 400, body: text }, to).message,
      { status: 400 },
    );
    return [isStructural(error), missesReasoning(error)];
  },
  'an option': (text) => {
    expect(() => anyfast('kimi-k2.6', { apiKey: 'k', baseURL: text })).toThrow();
  },
};

describe.each(Object.keys(places))('%s of 1 MB', (place) => {
  test.each(Object.keys(hostile))('is done with in linear time where it is %s', (kind) => {
    // What is quadratic takes minutes; the bound is for a machine that is slow.
    expect(cpuMsOf(() => places[place]?.(hostile[kind] ?? ''))).toBeLessThan(8_000);
  });
});

test.each(Object.keys(hostile))(
  'over HTTP a refusal of 1 MB of %s is an error with a short message',
  async (kind) => {
    const endpoint = await startEndpoint(json(hostile[kind], 400), json({ data: hostile[kind] }));
    const error = await errorOf(ask(modelAt(endpoint.baseURL, { retry: { attempts: 1 } })));
    expect(error).toBeInstanceOf(ModelError);
    expect(String(error).length).toBeLessThan(2_000);
  },
);

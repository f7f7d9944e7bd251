import { ThroughlineError } from '@throughline/core';
import { expect, test } from 'vitest';
import { web } from '../src/index.ts';

const wrong: readonly (readonly [options: unknown, words: string])[] = [
  [{ alow: [] }, 'web() has no option "alow"'],
  ['example.com', 'takes its options as an object'],
  [{ allow: 'example.com' }, 'allow: "example.com" is no list of hosts'],
  [{ allow: ['https://example.com'] }, 'allow: "https://example.com" is no host'],
  [{ allow: ['example.com/path'] }, 'is no host'],
  [{ allow: ['me@example.com'] }, 'is no host'],
  [{ allow: [''] }, 'is no host'],
  [{ allow: ['*'] }, 'is no host'],
  [{ allow: ['a.*.com'] }, 'is no host'],
  [{ deny: [7] }, 'deny: a value of type number is no host'],
  [{ allowPrivate: ['localhost'] }, 'allowPrivate: "localhost" is no exact host and port'],
  [{ allowPrivate: ['*.test:80'] }, 'is no exact host and port'],
  [{ robots: 'yes' }, 'robots is yes, but it must be true or false'],
  [{ search: 'google' }, 'search is string, but it must be a function'],
  [{ timeoutMs: 0 }, 'timeoutMs is 0'],
  [{ timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs is Infinity'],
  [{ userAgent: 'a\r\nX-Evil: 1' }, 'userAgent must be'],
  [{ userAgent: '' }, 'userAgent must be'],
];

for (const [options, words] of wrong)
  test(`web(${JSON.stringify(options)}) is refused at once`, () => {
    const refuse = () => web(options as never);
    expect(refuse).toThrow(ThroughlineError);
    expect(refuse).toThrow(words);
  });

test('web() needs no option', async () => {
  const kit = web();
  expect(kit.tools.map(({ name }) => name)).toEqual(['fetch_page']);
  await kit.dispose?.();
});

import { ToolError } from '@throughline/core';
import { expect, test } from 'vitest';
import type { SearchWeb } from '../src/index.ts';
import { call, failure, kitOf } from './site.ts';

const search = (provider: SearchWeb, input: object = { query: ' cheese ' }, signal?: AbortSignal) =>
  call(kitOf({ search: provider }), 'search_web', input, signal);

test('there is no search_web without a provider', () => {
  expect(kitOf({}).tools.map(({ name }) => name)).toEqual(['fetch_page']);
  expect(kitOf({ search: () => [] }).tools.map(({ name, effect }) => [name, effect])).toEqual([
    ['fetch_page', 'read'],
    ['search_web', 'read'],
  ]);
});

test('the provider gets the query, the limit and a signal, and its results are told between marks', async () => {
  let got: unknown;
  const told = await search(async (query, { limit, signal }) => {
    got = { query, limit, isSignal: signal instanceof AbortSignal };
    return [
      {
        title: 'Cheese',
        url: 'https://example.com/a b',
        snippet: 'All about\n\ncheese.',
        date: '2026-01-02',
      },
      { title: 'More', url: 'http://example.org' },
    ];
  });
  expect(got).toEqual({ query: 'cheese', limit: 8, isSignal: true });
  expect(told).toMatch(
    /^2 results for "cheese":\n<page-content (\w{24})>\n1[.] Cheese \(2026-01-02\)\n {3}https:[/][/]example.com[/]a%20b\n {3}All about cheese[.]\n2[.] More\n {3}http:[/][/]example.org[/]\n<[/]page-content \1>$/,
  );
});

test('no more than asked for, nothing that is no result, and nothing endless is told', async () => {
  const long = 'x'.repeat(100_000);
  const odd = [
    null,
    7,
    {},
    { title: 'a' },
    { title: 'a', url: 'javascript:alert(1)' },
    { title: 'a', url: 'nonsense' },
    { title: 'a', url: `http://a/${long}` },
  ];
  const told = await search(
    () => [
      ...(odd as never[]),
      ...Array.from({ length: 30 }, () => ({
        title: `${long}\u202e`,
        url: 'http://a.test/',
        snippet: long,
        date: long,
      })),
    ],
    { query: 'x', limit: 20 },
  );
  expect(told).toContain('20 results');
  expect(told.length).toBeLessThan(45_000);
  expect(told).not.toMatch(/javascript|\u202e/);
});

test('an empty list is a sentence, and no list is a failure', async () => {
  expect(await search(() => [])).toBe('Nothing was found for "cheese".');
  expect((await failure(search(() => 'oops' as never))).message).toBe(
    'The search failed: its provider returned no list of results.',
  );
});

test('what a provider throws is not told, since it may hold a key, unless it is a ToolError', async () => {
  const thrown = new Error('GET https://api.test/?key=hunter2 failed');
  const error = await failure(search(() => Promise.reject(thrown)));
  expect(error).toBeInstanceOf(ToolError);
  expect(error.message).toBe('The search failed.');
  expect(error.cause).toBe(thrown);
  expect(
    (
      await failure(
        search(() => {
          throw thrown;
        }),
      )
    ).message,
  ).toBe('The search failed.');
  const words = new ToolError('The search is used up for today.');
  expect(await failure(search(() => Promise.reject(words)))).toBe(words);
});

test('an abort ends a search that hangs, with its reason', async () => {
  const stop = new AbortController();
  const searching = failure(
    search(() => new Promise(() => undefined), { query: 'x' }, stop.signal),
  );
  const reason = new Error('enough');
  stop.abort(reason);
  expect(await searching).toBe(reason);
});

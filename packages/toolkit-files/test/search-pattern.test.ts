import { describe, expect, it } from 'vitest';
import { call, folder } from './call.ts';

const here = folder({
  'a.ts': 'export function one(a: number) {\n  return a;\n}\nfunction two() {}\r\n',
  'long.txt': `${'a'.repeat(100_000)}\nshort\n`,
});
const search = (text: string, more: object = {}) =>
  call({ root: here.root }, 'search_files', { text, regex: true, path: 'a.ts', ...more });

describe('search_files with a regular expression', () => {
  it('finds the lines that fit', async () => {
    expect(await search('^(export )?function \\w+')).toBe(
      '2 matching lines for "^(export )?function \\\\w+", in 1 file.\n' +
        'a.ts:1: export function one(a: number) {\na.ts:4: function two() {}',
    );
    expect(await search('\\{\\}$')).toContain('a.ts:4:');
    expect(await search('FUNCTION', { ignoreCase: true })).toContain('2 matching lines');
  });

  it.each(['(', '(?=a)', '(a)\\1', 'a{2000}', '(a{0,100}){0,10}'])(
    'says of %j that it cannot be searched for',
    async (text) => {
      await expect(search(text)).rejects.toThrow(
        /is no regular expression that can be searched for/,
      );
    },
  );

  it.each(['^(a+)+$', '(a|a)*b', '(a?){50}a{50}', '(.*)*x', '(a*)*(a*)*(a*)*b'])(
    'answers to %j over a line of 100,000 letters',
    async (text) => {
      expect(await search(text, { path: 'long.txt' }).catch(String)).toMatch(/line/);
    },
    20_000,
  );

  it('ends at once when it is aborted', async () => {
    const stop = AbortSignal.abort(new Error('stop'));
    await expect(
      call({ root: here.root }, 'search_files', { text: 'a', regex: true }, stop),
    ).rejects.toThrow('stop');
  });
});

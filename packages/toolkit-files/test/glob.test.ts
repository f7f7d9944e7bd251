import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { glob } from '../src/glob.ts';

const fits: readonly (readonly [pattern: string, path: string, expected: boolean])[] = [
  ['*.md', 'a.md', true],
  ['*.md', 'deep/er/a.md', true],
  ['*.md', 'a.mdx', false],
  ['./*.md', 'a.md', true],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/**/*.ts', 'src/x/y/a.ts', true],
  ['src/**', 'src/x/y', true],
  ['**/test/**', 'a/test/b', true],
  ['**/test/**', 'a/tests/b', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['?', '\u{1f600}', true],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[^a-c]x', 'dx', true],
  ['a[b', 'a[b', true],
  ['*.{ts,js}', 'a.js', true],
  ['*.{ts,js}', 'a.json', false],
  ['{a,b{c,d}}.x', 'bd.x', true],
  ['a{b', 'a{b', true],
  ['.env*', '.env.local', true],
  ['a+b(c).txt', 'a+b(c).txt', true],
  ['../*', 'a', false],
];

describe('a glob', () => {
  for (const [pattern, path, expected] of fits) {
    test(`${pattern} ${expected ? 'fits' : 'does not fit'} ${path}`, () => {
      expect(glob(pattern)(path)).toBe(expected);
    });
  }

  test('with stars only says the same as the regular expression it stands for', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '?'),
      minLength: 1,
      maxLength: 6,
    });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 });
    const property = fc.property(name, text, (pattern, path) => {
      const source = pattern.replace(/[*]/g, '.*').replace(/[?]/g, '.');
      // `**` alone stands for any folders, which fits any name.
      expect(glob(pattern)(path)).toBe(new RegExp(`^${source}$`).test(path));
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test('of stars and stars is answered at once', () => {
    const pattern = `${'*a'.repeat(120)}b`;
    const started = performance.now();
    expect(glob(pattern)('a'.repeat(255))).toBe(false);
    expect(glob(`${'**/a/'.repeat(60)}b`)('a/'.repeat(400))).toBe(false);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('with too many alternatives is refused', () => {
    expect(() => glob('{a,b}'.repeat(10))).toThrow('has more than 100 alternatives');
  });
});

import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folder } from './call.ts';

const here = folder({
  'old.md': 'x',
  'new.md': 'x',
  'src/a.ts': 'x',
  'src/deep/b.ts': 'x',
  'node_modules/c.ts': 'x',
  '.env': 'x',
});

describe('glob', () => {
  it('finds files by a pattern, the newest first, and nothing that is left out or denied', async () => {
    await utimes(join(here.root, 'old.md'), 1_000, 1_000);
    expect(await call({ root: here.root }, 'glob', { pattern: '*.md' })).toBe(
      '2 files for "*.md".\nnew.md\nold.md',
    );
    expect(await call({ root: here.root }, 'glob', { pattern: '**/*.{ts,env}' })).not.toMatch(
      /node_modules|\.env$/,
    );
    expect(await call({ root: here.root }, 'glob', { pattern: '*.env' })).toBe(
      'No file fits "*.env".',
    );
  });

  it('looks below a folder, by paths from there', async () => {
    const told = await call({ root: here.root }, 'glob', { pattern: 'deep/*.ts', path: 'src' });
    expect(told).toBe('1 file for "deep/*.ts".\nsrc/deep/b.ts');
  });

  it('says how many there are where it tells fewer', async () => {
    const told = await call({ root: here.root }, 'glob', { pattern: '*', limit: 1 });
    expect(told).toMatch(
      /^4 files for "\*", the newest 1; narrow the pattern for others\.\n[^\n]+$/,
    );
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionStoreSuite } from '@throughline/testing';
import type { StoreUnderTest } from '@throughline/testing';
import { ThroughlineError } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { fileSessions, sqliteSessions } from '../src/index.ts';

async function folder() {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-sessions-'));
  return { dir, close: () => rm(dir, { recursive: true, force: true }) };
}

const makers: Record<string, () => Promise<StoreUnderTest>> = {
  'sessions in files': async () => {
    const { dir, close } = await folder();
    return { store: fileSessions({ dir }), other: fileSessions({ dir, sync: false }), close };
  },
  'sessions in SQLite': async () => {
    const { dir, close } = await folder();
    const file = join(dir, 'deep/down/sessions.db');
    return { store: sqliteSessions({ file }), other: sqliteSessions({ file, sync: false }), close };
  },
};

for (const [name, make] of Object.entries(makers)) {
  describe(name, () => {
    for (const check of sessionStoreSuite) it(check.name, () => check.run(make));
  });
}

it.each<[words: string, make: () => unknown]>([
  [
    'fileSessions() has no option "folder". It has dir, sync',
    () => fileSessions({ folder: 'x' } as never),
  ],
  ['fileSessions() takes its options as an object, not a string', () => fileSessions('x' as never)],
  [
    'fileSessions() takes its options as an object, not undefined',
    () => fileSessions(undefined as never),
  ],
  ['fileSessions(): dir is undefined, but it must be a path', () => fileSessions({} as never)],
  [
    'sqliteSessions() has no option "dir". It has file, sync',
    () => sqliteSessions({ dir: 'x' } as never),
  ],
  ['sqliteSessions(): file is "", but it must be a path', () => sqliteSessions({ file: '' })],
])('refuses what is no option: %s', (words, make) => {
  expect(make).toThrow(ThroughlineError);
  expect(make).toThrow(words);
});

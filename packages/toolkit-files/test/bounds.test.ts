import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { call, folder } from './call.ts';

const here = folder({ 'many/first.txt': 'x' });
const names = 20_000;
const alternatives = `*{${Array.from({ length: 100 }, (_, n) => `a${n}b*c`).join(',')}}`.slice(
  0,
  500,
);
const glob = `${alternatives.slice(0, alternatives.lastIndexOf(','))}}`;

beforeAll(() => {
  for (let n = 0; n < names; n++)
    writeFileSync(join(here.root, 'many', `${'a1'.repeat(20)}-${n}.txt`), '');
});

test('a folder of 20,000 names and a glob of many alternatives leave room for other work', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const told = await call({ root: here.root }, 'list_files', { path: 'many', glob });
  clearInterval(timer);
  expect(told).toContain('holds no file that fits');
  expect(ticks).toBeGreaterThan(3);
}, 60_000);

test.each([
  ['list_files', { path: 'many', glob }],
  ['list_files', { recursive: true }],
  ['search_files', { text: 'zz', glob }],
] as const)(
  '%s %j ends at an abort, in the middle',
  async (name, input) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 10);
    await expect(call({ root: here.root }, name, input, controller.signal)).rejects.toBe('enough');
  },
  60_000,
);

test('a line far down in a file of 5 GB is refused after a bounded look', async () => {
  const file = await open(join(here.root, 'sparse.txt'), 'w');
  await file.write('text\n'.repeat(2_000));
  await file.truncate(5_000_000_000);
  await file.close();
  await expect(
    call({ root: here.root }, 'read_file', { path: 'sparse.txt', offset: 1_000_000 }),
  ).rejects.toThrow(
    'Only the first 250 million characters of a file are read; they end in line 2001.',
  );
}, 60_000);

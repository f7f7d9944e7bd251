import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { call, folder } from './call.ts';

const here = folder({ 'many/first.txt': 'x', 'lines.txt': 'a line\n'.repeat(5_000) });
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

/** A signal that a long loop looks at. With look `at`, other work begins to wait and 25 ms pass; `seen` counts all looks, and those before that work. */
function waitingAt(at: number) {
  const { signal } = new AbortController();
  const seen = { looks: 0, beforeOther: Number.POSITIVE_INFINITY };
  const throwIfAborted = () => {
    if (++seen.looks !== at) return;
    setImmediate(() => (seen.beforeOther = seen.looks));
    const until = performance.now() + 25;
    while (performance.now() < until); // a pause is due after 20 ms
  };
  return { signal: Object.assign(signal, { throwIfAborted }), seen };
}

test.each([
  ['reading 20,000 names', 1_000, 'list_files', { path: 'many', glob }],
  ['holding them against many alternatives', 30_000, 'list_files', { path: 'many', glob }],
  ['searching many lines', 1_000, 'search_files', { path: 'lines.txt', text: 'zz' }],
] as const)(
  '%s leaves room for other work, in the middle',
  async (_, at, name, input) => {
    const { signal, seen } = waitingAt(at);
    expect(await call({ root: here.root }, name, input, signal)).toMatch(
      /^No line|no file that fits/,
    );
    expect(seen.looks).toBeGreaterThan(at + 1_000);
    expect(seen.beforeOther).toBeLessThanOrEqual(at + 1); // one more where look `at` ended a pause
  },
  60_000,
);

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

import { expect, test } from 'vitest';
import type { Row, RowsAnswer } from '../src/shown.ts';
import { RowStore } from './row-store.ts';

const row = (title: string): Row => ({ kind: 'call', title }) as unknown as Row;

/** An answer that comes when the test says so. */
function later() {
  let come: (titles: readonly string[]) => void = () => {};
  const answer = new Promise<RowsAnswer>((resolve) => {
    come = (titles) => resolve({ from: 0, total: titles.length, rows: titles.map(row) });
  });
  return { come, ask: () => answer };
}

test('what was told while a chunk was asked for is newer than the answer', async () => {
  const store = new RowStore();
  const { come, ask } = later();
  const read = store.read(0, ask);
  store.tell([[1, row('ended')]]);
  come(['asked', 'waits']);
  await read;
  expect([store.at(0), store.at(1)]).toEqual([row('asked'), row('ended')]);
  expect(store.isWanted(0, 2)).toBe(false);
});

test('what was asked for before changes are told is shown, and asked for once more', async () => {
  const store = new RowStore();
  const first = later();
  const read = store.read(0, first.ask);
  store.readAgain();
  const second = later();
  const again = store.read(0, second.ask);
  second.come(['ended']);
  await again;
  first.come(['waits', 'new']);
  await read;
  expect([store.at(0), store.at(1)]).toEqual([row('ended'), row('new')]);
});

test('a chunk that could not be read is asked for again', async () => {
  const store = new RowStore();
  await expect(store.read(0, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(store.isWanted(0, 5)).toBe(true);
});

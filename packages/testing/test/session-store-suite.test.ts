import { describe, expect, it } from 'vitest';
import { memorySessions, sessionStoreSuite } from '../src/index.ts';

describe('sessions in memory', () => {
  for (const check of sessionStoreSuite) {
    it(check.name, () =>
      check.run(async () => {
        const store = memorySessions();
        return { store, other: store };
      }),
    );
  }
});

describe('the suite', () => {
  it('finds a store that lets two in', async () => {
    const outcomes = await Promise.allSettled(
      sessionStoreSuite.map((check) =>
        check.run(async () => ({ store: memorySessions(), other: memorySessions() })),
      ),
    );
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
  });
});

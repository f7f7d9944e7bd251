import * as fc from 'fast-check';
import { expect, test } from 'vitest';

test('property tests try the same cases in every run of all tests, and new ones in a soak', () => {
  const isSoak = process.env['THROUGHLINE_SOAK'] !== undefined;
  const hasSeed = process.env['THROUGHLINE_SEED'] !== undefined || !isSoak;
  const [first, second] = [fc.sample(fc.integer(), 20), fc.sample(fc.integer(), 20)];
  if (hasSeed) expect(second).toEqual(first);
  else expect(second).not.toEqual(first);
});

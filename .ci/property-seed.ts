import * as fc from 'fast-check';

// Runs before every file of tests. `pnpm test` tries the same cases each time, so a change is never failed by a case that it did not
// meet before. `pnpm soak` tries new ones each time. A failure tells its seed.

const seed = process.env['THROUGHLINE_SEED'];

if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
else if (process.env['THROUGHLINE_SOAK'] === undefined) fc.configureGlobal({ seed: 20_261_123 });

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { tested } from '../test/run.ts';

const { resolve } = createRequire(import.meta.url);

it('the evaluation runs from its recording, with the configuration that is shown', () => {
  const vitest = join(dirname(resolve('vitest/package.json')), 'vitest.mjs');
  // Inside this repository Node loads the configuration as it is built of the packages' sources.
  const config = `${tested}testing/vitest.config.mjs`;
  const words = [vitest, 'run', '--configLoader=native', '--config', config];
  const printed = execFileSync(process.execPath, words, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      THROUGHLINE_CASSETTES: 'replay',
    },
    timeout: 120_000,
  });
  expect(printed).toContain('weather  2 rows × 2 trials  1.00  passed');
});

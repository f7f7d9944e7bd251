import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Tests and types read the packages' sources, so nothing has to be built first.
const conditions = ['throughline-source'];
const resolve = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// Files of a project share the modules that a worker has loaded, which takes a third less processor time than loading them for each of
// nearly 300 files. So a test puts back what it changes of its process.
const test = {
  isolate: false,
  unstubEnvs: true,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  setupFiles: '.ci/property-seed.ts',
};

// Every package is in it, so that none can be forgotten here.
const homes = readdirSync(new URL('packages', import.meta.url))
  .map((name) => `packages/${name}`)
  .concat('examples', '.ci')
  .filter((home) => existsSync(new URL(`${home}/package.json`, import.meta.url)) || home === '.ci');

const setupOf = (home: string) => `${home}/test/global-setup.ts`;
const isBuilt = (home: string) => existsSync(new URL(setupOf(home), import.meta.url));
const testsOf = (home: string) => `${home}/**/*.test.ts`;

// Programs of these are built before their tests.
const built = homes.filter(isBuilt).map((home) => ({
  ...resolve,
  test: { ...test, name: home, include: [testsOf(home)], globalSetup: setupOf(home) },
}));

const together = {
  ...resolve,
  test: {
    ...test,
    name: 'all others',
    include: homes.filter((home) => !isBuilt(home)).map(testsOf),
  },
};

// Every run that core's behaviour tests make, played again from its own recording: `packages/core/test/support/agent.ts`.
const replayed = {
  ...resolve,
  test: {
    ...test,
    name: 'core, replayed',
    include: ['packages/core/test/behaviour/*.test.ts'],
    // These look into recordings themselves.
    exclude: ['packages/core/test/behaviour/{replay,session}.test.ts'],
    env: { THROUGHLINE_REPLAY: '1' },
  },
};

// `.ci/run` counts the tests from this report.
const report = process.env['THROUGHLINE_TEST_REPORT'];

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    // A third of what tests do is waiting: for processes, for the disk, for time to pass.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [...built, together, replayed],
  },
});

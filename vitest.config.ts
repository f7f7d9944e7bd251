import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Tests and types read the packages' sources, so nothing has to be built first.
const conditions = ['throughline-source'];

const project = (name: string, root: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root,
    include: ['**/*.test.ts'],
    testTimeout: 60_000,
    globalSetup: existsSync(new URL(`${root}/test/global-setup.ts`, import.meta.url))
      ? 'test/global-setup.ts'
      : [],
  },
});

// Every package is a project, so that none can be forgotten here.
const packages = readdirSync(new URL('packages', import.meta.url))
  .filter((name) => existsSync(new URL(`packages/${name}/package.json`, import.meta.url)))
  .map((name) => project(name, `packages/${name}`));

// Every run that core's behaviour tests make, played again from its own recording: `test/support/agent.ts`.
const replayed = {
  ...project('core, replayed', 'packages/core'),
  test: {
    ...project('core, replayed', 'packages/core').test,
    include: ['test/behaviour/*.test.ts'],
    // These look into recordings themselves.
    exclude: ['test/behaviour/{replay,session}.test.ts'],
    env: { THROUGHLINE_REPLAY: '1' },
  },
};

// `.ci/run` counts the tests from this report.
const report = process.env['THROUGHLINE_TEST_REPORT'];

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    // vitest keeps a core for itself, which on two cores leaves one; it needs next to nothing there.
    maxWorkers: '100%',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [...packages, replayed, project('examples', 'examples'), project('house', '.ci')],
  },
});

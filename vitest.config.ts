import { defineConfig } from 'vitest/config';

// Tests and types read the packages' sources, so nothing has to be built first.
const conditions = ['throughline-source'];

const project = (name: string, root: string) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { name, root, include: ['**/*.test.ts'], testTimeout: 20_000 },
});

// `.ci/run` counts the tests from this report.
const report = process.env['THROUGHLINE_TEST_REPORT'];

export default defineConfig({
  test: {
    allowOnly: !process.env['CI'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      project('core', 'packages/core'),
      project('anyfast', 'packages/anyfast'),
      project('simulator', 'packages/simulator'),
      project('toolkit-files', 'packages/toolkit-files'),
      project('acceptance', 'packages/acceptance'),
      project('examples', 'examples'),
      project('house', '.ci'),
    ],
  },
});

// #region config
import { evalReporter } from '@throughline/evals';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.eval.ts'],
    reporters: ['default', evalReporter({ json: 'evals.json' })],
  },
  // #endregion
  // Inside this repository only: the packages' sources, without a build.
  resolve: { conditions: ['throughline-source'] },
  ssr: { resolve: { conditions: ['throughline-source'] } },
});

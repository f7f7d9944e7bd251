import { evalReporter } from '@throughline/evals';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['*.eval.ts'], reporters: [evalReporter()] },
  // Inside this repository only: the packages' sources, without a build.
  resolve: { conditions: ['throughline-source'] },
  ssr: { resolve: { conditions: ['throughline-source'] } },
});

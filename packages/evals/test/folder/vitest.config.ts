import { evalReporter } from '@throughline/evals';
import { defineConfig } from 'vitest/config';

const conditions = ['throughline-source'];
const { EVALS_JSON: json } = process.env;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    root: import.meta.dirname,
    include: ['*.eval.ts'],
    reporters: ['default', evalReporter(json === undefined ? {} : { json })],
  },
});

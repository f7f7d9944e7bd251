import { defineConfig } from 'tsup';

// What is measured is what users get: built files, run by Node itself.
export default defineConfig({
  entry: ['src/main.ts', 'src/worker.ts', 'src/server.ts', 'src/contenders/*.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
});

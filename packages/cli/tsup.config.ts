import { defineConfig } from 'tsup';

// Writes the types only; `rolldown.config.ts` builds the command.
export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  dts: { only: true, resolve: false },
});

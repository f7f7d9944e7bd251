import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

// Run in a package: its index, and its command where it has one.
const entry = ['src/index.ts', 'src/bin.ts'].filter((file) => existsSync(file));

export default defineConfig({
  entry,
  format: 'esm',
  target: 'node20',
  dts: { entry: 'src/index.ts' },
  clean: true,
});

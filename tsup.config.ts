import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

// Run in a package: its index, and its command and the file of its processes where it has them.
const entry = ['src/index.ts', 'src/bin.ts', 'src/page-process.ts'].filter((file) =>
  existsSync(file),
);

export default defineConfig({
  entry,
  format: 'esm',
  target: 'node20',
  dts: { entry: 'src/index.ts' },
  clean: true,
});

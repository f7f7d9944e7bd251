import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

// Run in a package. Its entries are those that its `exports` name.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly 'throughline-source': string }>>;
};
const imported = Object.values(exports).flatMap((one) =>
  typeof one === 'string' ? [] : [one['throughline-source']],
);

// Its command and the file of its processes, where it has them.
const started = ['src/bin.ts', 'src/page-process.ts'].filter((file) => existsSync(file));

export default defineConfig({
  entry: [...imported, ...started],
  format: 'esm',
  target: 'node20',
  dts: { entry: imported },
  clean: true,
});

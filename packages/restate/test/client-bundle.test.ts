import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('a caller loads neither the SDK of the workers nor a module of Node', async () => {
  const { metafile } = await build({
    stdin: {
      contents: `import { restateClient } from '@throughline/restate/client'; globalThis.made = restateClient;`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['throughline-source', 'import'],
    external: [...builtinModules, 'node:*'],
    logLevel: 'silent',
  });
  const files = Object.keys(metafile.inputs);
  expect(files.filter((file) => /restate-sdk-clients/.test(file))).not.toEqual([]);
  expect(files.filter((file) => /restate-sdk[@/]/.test(file))).toEqual([]);
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  expect(outside.map(({ path }) => path)).toEqual([]);
});

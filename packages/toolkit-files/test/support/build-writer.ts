import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Builds `dying-writer.ts` into a folder, and says where it is: so each of its many starts takes a tenth of a second, not one. */
export async function buildWriter(outDir: string): Promise<string> {
  await build({
    config: false,
    entry: [fileURLToPath(new URL('dying-writer.ts', import.meta.url))],
    outDir,
    format: 'esm',
    target: 'node20',
    silent: true,
    splitting: false,
    noExternal: [/^(?!node:)/],
    outExtension: () => ({ js: '.mjs' }),
    esbuildOptions: (options) => {
      options.conditions = ['throughline-source'];
    },
  });
  return join(outDir, 'dying-writer.mjs');
}

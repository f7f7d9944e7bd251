import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { builtInBut, optional } from '../tsup.config.ts';

// The inspector looks for its page beside its own code, and Node reads that from the source.
const external = [...optional, '@throughline/inspector'];

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/**
 * Builds the command of its sources once, for the tests that start it as a process. From its sources it would load 170 modules through
 * tsx at each of some hundred starts. All but the inspector is in it, so that no other package has to be built.
 */
export async function setup(): Promise<void> {
  await build({
    config: false,
    silent: true,
    entry: { bin: path('src/bin.ts'), 'page-process': path('../toolkit-web/src/page-process.ts') },
    outDir: path('.tested'),
    clean: true,
    format: 'esm',
    target: 'node20',
    external,
    noExternal: builtInBut(external),
    // Some packages are CommonJS, which asks for Node's own modules by `require`.
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    esbuildOptions(options) {
      options.conditions = ['throughline-source'];
    },
  });
}

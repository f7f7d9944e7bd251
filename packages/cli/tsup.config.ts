import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'tsup';
import type { Options } from 'tsup';

// A command starts in a fraction of the time where it loads a few large files instead of 170 small ones, so all that the first request or
// prompt needs is built into the command. What only some commands need stays a package: they load it when they are used.
const separate = [
  '@agentclientprotocol/sdk',
  '@throughline/inspector',
  '@throughline/simulator',
  '@throughline/toolkit-mcp',
];
export const optional = ['libsql', 'tsx', 'unpdf'];

/** All but Node's own modules and these is built into the command. */
export function builtInBut(external: readonly string[]): RegExp[] {
  return [new RegExp(`^(?!node:|(?:${external.join('|')})(?:/|$))`)];
}

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    bin: 'src/bin.ts',
    // toolkit-web looks for this file beside its own code.
    'page-process': '../toolkit-web/src/page-process.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts' }, resolve: false },
  clean: true,
  external: [...separate, ...optional],
  noExternal: builtInBut([...separate, ...optional]),
  esbuildOptions(options) {
    options.conditions = ['throughline-source'];
  },
  esbuildPlugins: [licences()],
});

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Puts the licences of what is built in beside it. */
function licences(): Plugin {
  return {
    name: 'licences',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({ metafile }) => {
        const homes = new Set(
          Object.keys(metafile?.inputs ?? {}).flatMap(
            (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
          ),
        );
        const texts = [...homes].sort().map(licenceOf);
        mkdirSync('dist', { recursive: true });
        writeFileSync(join('dist', 'third-party.txt'), texts.join(`\n${'-'.repeat(80)}\n`));
      });
    },
  };
}

function licenceOf(home: string): string {
  const { name, version, license, author } = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  ) as { readonly [field in 'name' | 'version' | 'license']: string } & {
    readonly author?: unknown;
  };
  const file = readdirSync(home).find((path) =>
    /^licen[cs]e(?:-mit)?(?:[.](?:md|txt))?$/i.test(path),
  );
  // A package without the text still names its licence and who wrote it.
  const named = `${license} license, by ${typeof author === 'string' ? author : 'its authors'}`;
  const text = file === undefined ? named : readFileSync(join(home, file), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
}

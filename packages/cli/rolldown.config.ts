import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'rolldown';
import type { BuildOptions, Plugin } from 'rolldown';

// A command starts in a fraction of the time where it loads a few large files instead of 170 small ones, so all that the first request or
// prompt needs is built into the command. What only some commands need stays a package: they load it when they are used.
const separate = [
  '@agentclientprotocol/sdk',
  '@throughline/inspector',
  '@throughline/simulator',
  '@throughline/toolkit-mcp',
];
export const optional = ['libsql', 'tsx', 'unpdf'];

// Node takes a millisecond to load a file, however small it is. So what is loaded together is one file: each of these modules with all
// that it imports and that is in no file above it. Every other module that is loaded late is a file of its own.
const together = [
  { name: 'command', modules: ['cli/src/main.ts'] },
  {
    name: 'session',
    modules: ['cli/src/read-options.ts', 'cli/src/run/with-session.ts'],
  },
  {
    name: 'agent',
    modules: [
      'cli/src/agent/default-agent.ts',
      'core/src/run/under-way.ts',
      'anyfast/src/client.ts',
    ],
  },
];

/** The command in few files, in `dir`: all but Node's own modules and `external` is built in. */
export function commandIn(dir: string, external: readonly string[]): BuildOptions {
  const path = (file: string) => join(import.meta.dirname, file);
  return {
    input: {
      index: path('src/index.ts'),
      bin: path('src/bin.ts'),
      // toolkit-web looks for this file beside its own code.
      'page-process': path('../toolkit-web/src/page-process.ts'),
    },
    platform: 'node',
    external: new RegExp(`^(?:node:|(?:${external.join('|')})(?:/|$))`),
    resolve: { conditionNames: ['throughline-source', 'import', 'module', 'default'] },
    // A module may be wanted at once by one command and late by another.
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: path(dir),
      cleanDir: true,
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: {
        groups: together.map(({ name, modules }, at) => ({
          name,
          priority: together.length - at,
          test: (id: string) => modules.some((one) => withSlashes(id).endsWith(`/packages/${one}`)),
        })),
      },
    },
  };
}

export default defineConfig({
  ...commandIn('dist', [...separate, ...optional]),
  plugins: [licences()],
});

/** A module's path as it is on Windows, too. */
function withSlashes(id: string): string {
  return id.replaceAll('\\', '/');
}

/** Puts the licences of what is built in beside it. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle() {
      const homes = new Set(
        [...this.getModuleIds()].flatMap(
          (id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(withSlashes(id))?.[0] ?? [],
        ),
      );
      const source = [...homes]
        .sort()
        .map(licenceOf)
        .join(`\n${'-'.repeat(80)}\n`);
      this.emitFile({ type: 'asset', fileName: 'third-party.txt', source });
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

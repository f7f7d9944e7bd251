import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { BuildOptions, Metafile } from 'esbuild';

/** What a bundled program weighs: minified and gzipped, in kilobytes of 1,000 bytes. */
export interface Bundle {
  /** The entry and whatever it imports by a statement. */
  readonly eagerKB: number;
  /** What only an `import()` loads. */
  readonly lazyKB: number;
}

export type Schema = 'zod' | 'zod/mini' | 'JSON Schema';

export const schemas: readonly Schema[] = ['zod', 'zod/mini', 'JSON Schema'];

/** A program with one agent and one tool, whose schema is made so. With a JSON Schema zod is not there at all. */
export function bundleAgent(schema: Schema): Promise<Bundle> {
  const stdin = {
    contents: programWith(schema),
    resolveDir: dirname(fileURLToPath(import.meta.url)),
    sourcefile: 'agent.js',
  };
  return bundle({ stdin, external: schema === 'JSON Schema' ? ['zod', 'zod/*'] : [] });
}

export function bundleFile(path: string): Promise<Bundle> {
  return bundle({ entryPoints: [path] });
}

function programWith(schema: Schema): string {
  const zod = schema === 'JSON Schema' ? '' : `import * as z from '${schema}';`;
  const input =
    schema === 'JSON Schema'
      ? `{ type: 'object', properties: { at: { type: 'string' } }, required: ['at'] }`
      : 'z.object({ at: z.string() })';
  return `
    import { anyfast } from '@throughline/anyfast';
    import { Agent, tool } from '@throughline/core';
    ${zod}
    const look = tool({
      name: 'look',
      description: 'Looks at a place.',
      effect: 'read',
      inputSchema: ${input},
      execute: ({ at }) => 'Nothing at ' + at,
    });
    const agent = new Agent({ model: anyfast('kimi-k2.6'), tools: [look] });
    process.stdout.write((await agent.run('Look around.')).text);
  `;
}

async function bundle(what: BuildOptions): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    ...what,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    target: 'node20',
    outdir: resolve('/bundle'),
    entryNames: 'program',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const eager = eagerIn(metafile);
  const bytes = { eager: 0, lazy: 0 };
  for (const { path, contents } of outputFiles) {
    bytes[eager.has(basename(path)) ? 'eager' : 'lazy'] += gzipSync(contents, { level: 9 }).length;
  }
  return { eagerKB: bytes.eager / 1000, lazyKB: bytes.lazy / 1000 };
}

/** The names of the files that are loaded at once. esbuild gives every chunk a name of its own. */
function eagerIn({ outputs }: Metafile): ReadonlySet<string> {
  const found = new Set<string>();
  const open = Object.keys(outputs).filter((path) => basename(path) === 'program.js');
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(basename(path))) continue;
    found.add(basename(path));
    const imports = outputs[path]?.imports ?? [];
    for (const { kind, external, path } of imports) {
      if (kind === 'import-statement' && external !== true) open.push(path);
    }
  }
  return found;
}

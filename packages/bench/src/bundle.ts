import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { BuildOptions, Metafile } from 'esbuild';
import { entryName, loadedInRun } from './bundle-run.ts';
import type { Files } from './bundle-run.ts';
import type { Program } from './program.ts';

/** What a bundled program weighs: minified and gzipped, in kilobytes of 1,000 bytes. */
export interface Bundle {
  /** The entry and whatever it imports by a statement. */
  readonly atOnceKB: number;
  /** Whatever an ordinary run has loaded by its end. Absent where the program was not run. */
  readonly inRunKB?: number;
  /** What that run did not load; of a program that was not run, what only an `import()` loads. */
  readonly laterKB: number;
}

/** Where a program is bundled and run. */
export interface Place {
  /** Where `/chat/completions` is. */
  readonly baseURL: string;
  /** Conditions for resolving packages. Without them ours are taken as they were built. */
  readonly conditions?: readonly string[];
}

/** Bundles one of our programs and runs it. Rejects where it cannot be bundled, or its run is not an ordinary one. */
export async function bundleAgent(program: Program, place: Place): Promise<Bundle> {
  const { baseURL, conditions } = place;
  const { files, atOnce } = await bundle({
    stdin: {
      contents: program.source,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
      sourcefile: 'agent.js',
    },
    external: [...program.external],
    ...(conditions === undefined ? {} : { conditions: [...conditions] }),
  });
  const loaded = await loadedInRun(files, baseURL);
  const missing = [...atOnce].find((name) => !loaded.has(name));
  if (missing !== undefined) {
    throw new Error(`Node does not say that it loaded ${missing}, which the program imports.`);
  }
  const inRunKB = weigh(files, loaded);
  return { atOnceKB: weigh(files, atOnce), inRunKB, laterKB: weigh(files) - inRunKB };
}

/** Bundles the program in a file, without running it. */
export async function bundleFile(path: string): Promise<Bundle> {
  const { files, atOnce } = await bundle({ entryPoints: [path] });
  const atOnceKB = weigh(files, atOnce);
  return { atOnceKB, laterKB: weigh(files) - atOnceKB };
}

function weigh(files: Files, names: ReadonlySet<string> = new Set(files.keys())): number {
  const counted = [...files].filter(([name]) => names.has(name));
  return counted.reduce((sum, [, bytes]) => sum + gzipSync(bytes, { level: 9 }).length, 0) / 1000;
}

async function bundle(what: BuildOptions) {
  const { metafile, outputFiles } = await build({
    ...what,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    target: 'node20',
    outdir: resolve('/bundle'),
    entryNames: basename(entryName, '.mjs'),
    outExtension: { '.js': '.mjs' },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  // esbuild gives every chunk a name of its own.
  const files: Files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  return { files, atOnce: atOnceIn(metafile) };
}

/** The names of the files that are loaded at once. */
function atOnceIn({ outputs }: Metafile): ReadonlySet<string> {
  const found = new Set<string>();
  const open = Object.keys(outputs).filter((path) => basename(path) === entryName);
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

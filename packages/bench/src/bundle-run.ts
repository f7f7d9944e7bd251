import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { complaintOf } from './complaint.ts';
import { apiKey } from './contender.ts';
import { ordinaryOutput } from './program.ts';

/** The files of a bundle, by their names. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The file that Node is given to run. `.mjs`, as no package.json beside it says what it is. */
export const entryName = 'program.mjs';

/**
 * Runs a bundled program in a process of its own and gives the names of the scripts that it loaded. Rejects where it
 * did not print what an ordinary run prints, since who fails early has loaded little, or did not end within `limitMs`.
 */
export async function loadedInRun(
  files: Files,
  baseURL: string,
  limitMs = 30_000,
): Promise<ReadonlySet<string>> {
  // Here, because what the bundle leaves out is looked for in the folders above it.
  const beside = fileURLToPath(new URL('../node_modules/.bundle-', import.meta.url));
  const folder = await mkdtemp(beside);
  try {
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
    const coverage = join(folder, 'coverage');
    const env = {
      ANYFAST_BASE_URL: baseURL,
      ANYFAST_API_KEY: apiKey,
      NODE_V8_COVERAGE: coverage,
    };
    const output = await outputOf(join(folder, entryName), env, limitMs);
    if (output !== ordinaryOutput) {
      const [said, expected] = [output, ordinaryOutput].map((text) => JSON.stringify(text));
      throw new Error(`The bundled program printed ${said} instead of ${expected}.`);
    }
    return await scriptsIn(coverage);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its standard input is a pipe of ours, which ends with us, even where we are killed. */
const endsWithParent = `process.stdin.on('end', () => process.exit(1)).resume().unref();`;

async function outputOf(
  path: string,
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<string> {
  // Not in the program itself, where it would be weighed.
  const args = ['--import', `data:text/javascript,${encodeURIComponent(endsWithParent)}`, path];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, ...env },
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    return stdout;
  } catch (error) {
    const { killed } = error as { killed?: boolean };
    const words = killed
      ? `did not end within ${limitMs / 1000} seconds`
      : `failed: ${complaintOf(error)}`;
    throw new Error(`The bundled program ${words}`, { cause: error });
  }
}

/** The names of the scripts in a folder of V8's coverage. It lists all that were loaded, also those that do nothing. */
async function scriptsIn(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of await readdir(folder)) {
    const { result } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
      readonly result: readonly { readonly url: string }[];
    };
    for (const { url } of result) names.add(basename(url));
  }
  return names;
}

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms as build } from '../../../../.ci/programs.ts';

/** Programs of this folder, each built into one file, so that a process of theirs starts in no time. */
export interface Programs {
  readonly dir: string;
  start(name: string, args: readonly string[], options?: StartOptions): Started;
  remove(): Promise<void>;
}

export interface StartOptions extends SpawnOptions {
  /** Put before the program, e.g. a shell that sets a limit. */
  readonly under?: readonly string[];
  readonly nodeArgs?: readonly string[];
}

export interface Started {
  readonly process: ChildProcess;
  /** Resolves when it is over. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }>;
  /** Resolves when it has written this. */
  said(words: string): Promise<void>;
}

export async function buildPrograms(...names: readonly string[]): Promise<Programs> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-programs-'));
  await chmod(dir, 0o755);
  const source = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  await build(dir, Object.fromEntries(names.map((name) => [name, source(name)])));
  return {
    dir,
    start: (name, args, options) => start(join(dir, `${name}.mjs`), args, options),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

function start(
  path: string,
  args: readonly string[],
  { under = [], nodeArgs = [], ...options }: StartOptions = {},
): Started {
  const [command = '', ...rest] = [...under, process.execPath, ...nodeArgs, path, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let [out, err] = ['', ''];
  let wake = () => {};
  child.stdout?.on('data', (data: Buffer) => {
    out += data.toString();
    wake();
  });
  child.stderr?.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<Awaited<Started['ended']>>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return {
    process: child,
    ended,
    said: async (words) => {
      while (!out.includes(words)) {
        if (child.exitCode !== null) throw new Error(`It ended before it said "${words}": ${err}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 50);
        });
      }
    },
  };
}

/** The values of a file with one JSON value a line; none where there is no such file. */
export function linesOf<T>(path: string): readonly T[] {
  if (!existsSync(path)) return [];
  const texts = readFileSync(path, 'utf8').split('\n');
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as T);
}

import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError, ToolError } from '@throughline/core';
import * as z from 'zod';
import type { Launch } from './commands.ts';
import { folderIn } from './place.ts';
import type { Sandbox } from './sandbox.ts';

/** The argument that holds a command line. Linux takes at most 131,072 bytes in one word. */
export const commandInput = z
  .string()
  .min(1)
  .max(100_000)
  .refine((text) => !text.includes('\0'), 'a command cannot hold a NUL character')
  .describe('The command line, as for bash.');

/** What every command of a toolkit is started with. */
export interface Setting {
  /** The working folder, without links. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: Sandbox | undefined;
  readonly maxFileBytes: number;
}

/** How to start a command line in a folder below the working folder. Throws a `ToolError` for a folder that cannot be. */
export async function launch(setting: Setting, line: string, folder: string): Promise<Launch> {
  const { root, env, sandbox } = setting;
  if (Buffer.byteLength(line) > 130_000) {
    throw new ToolError(
      'The command is longer than the system takes (130,000 bytes); write it to a file and run that.',
    );
  }
  const cwd = await folderIn(root, folder);
  // Limits first; both outputs in one pipe, so that they keep their order.
  const limits = 'ulimit -c 0; ulimit -f "$1" 2>/dev/null; shift; exec "$@" 2>&1';
  const blocks = String(Math.ceil(setting.maxFileBytes / 512));
  const argv = ['/bin/sh', '-c', limits, 'sh', blocks, ...shellWords(env['PATH'] ?? ''), line];
  return { argv: sandbox === undefined ? argv : wrapped(argv, sandbox, { root, cwd }), cwd, env };
}

/** Never the bare command where a sandbox was asked for. */
function wrapped(
  argv: readonly string[],
  sandbox: Sandbox,
  place: { readonly root: string; readonly cwd: string },
): readonly string[] {
  const words: unknown = sandbox(argv, place);
  if (Array.isArray(words) && words.length > 0 && words.every((one) => typeof one === 'string')) {
    return words as string[];
  }
  throw new ThroughlineError(
    'invalid_option',
    'shell(): the sandbox must return the words to start, as a list of texts.',
  );
}

/** bash where it is installed, without its start-up files; else the system's own shell. */
function shellWords(path: string): readonly string[] {
  const found = path
    .split(':')
    .map((folder) => join(folder, 'bash'))
    .find((file) => isProgram(file));
  return found === undefined
    ? ['/bin/sh', '-c', '--']
    : [found, '--noprofile', '--norc', '-c', '--'];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

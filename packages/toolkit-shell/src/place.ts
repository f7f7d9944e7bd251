import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { ToolError } from '@throughline/core';
import * as z from 'zod';
import { codeOf, shown } from './trouble.ts';

/** The argument that says where a command runs. */
export const folderInput = z
  .string()
  .max(4_000)
  .default('.')
  .describe('The folder to run it in, relative to the working folder.');

/** The folder `path` below `root`, without links. Throws a `ToolError` for one that is not there or leads out. */
export async function folderIn(root: string, path: string): Promise<string> {
  const refuse = (why: string) => new ToolError(`The folder ${shown(path)} ${why}.`);
  if (path.includes('\0')) throw refuse('holds a NUL character');
  if (isAbsolute(path))
    throw refuse('is an absolute path; give one relative to the working folder');
  try {
    const real = await realpath(join(root, path));
    const way = relative(root, real);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
      throw refuse('leads out of the working folder');
    }
    if (!(await stat(real)).isDirectory()) throw refuse('is a file');
    return real;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const missing = codeOf(error) === 'ENOENT';
    throw refuse(
      missing ? 'is not there' : `cannot be opened (${codeOf(error) ?? 'unknown error'})`,
    );
  }
}

import { realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { listFiles } from './list-files.ts';
import type { Reach } from './place.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';

/** What `files` needs to know. */
export interface FilesOptions {
  /** The folder the tools see and never leave. A relative path counts from the working directory of this moment. */
  readonly root: string | URL;
  /** Names of files and folders that are neither listed nor searched, at any depth. Default: `.git`, `node_modules`. */
  readonly ignore?: readonly string[];
}

/**
 * Tools that list, read and search the files inside `root`, and nothing outside it: `list_files`, `read_file` and
 * `search_files`, all of effect `read`. Their results are bounded and say how to get the rest.
 * Throws `invalid_option` at once when `root` is not a folder.
 */
export function files(options: FilesOptions): Toolkit<unknown> {
  checkOptions('files()', options, { root: true, ignore: true });
  const reach: Reach = {
    root: openRoot(options.root),
    ignore: new Set(options.ignore ?? ['.git', 'node_modules']),
  };
  return { name: 'files', tools: [listFiles(reach), readFile(reach), searchFiles(reach)] };
}

function openRoot(root: string | URL): string {
  const refuse = (why: string, cause?: unknown) =>
    new ThroughlineError('invalid_option', `files: the root ${JSON.stringify(root)} ${why}.`, {
      cause,
    });
  if (typeof root !== 'string' && !(root instanceof URL)) throw refuse('is not a path');
  if (root === '') throw refuse('is empty; "." is the working directory');
  if (root instanceof URL && root.protocol !== 'file:') throw refuse('is not a file: URL');
  try {
    const real = realpathSync.native(typeof root === 'string' ? root : fileURLToPath(root));
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(missing ? 'does not exist' : 'cannot be opened', cause);
  }
  throw refuse('is not a folder');
}

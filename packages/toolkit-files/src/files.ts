import { realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { denying } from './deny.ts';
import { checkedGlobs } from './glob-option.ts';
import { listFiles } from './list-files.ts';
import type { Reach } from './place.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';

/** What `files` needs to know. */
export interface FilesOptions {
  /** The folder the tools see and never leave. A relative path counts from the working directory of this moment. */
  readonly root: string | URL;
  /** Globs of what is neither listed nor searched; one without `/` fits at any depth. Default: `.git`, `node_modules`. */
  readonly ignore?: readonly string[];
  /**
   * Globs of what is never read or searched, not even through a link inside the root, whatever its case. A folder that
   * fits closes all it holds. Default: the usual names of keys and passwords, such as `.env` and `*.pem`, but not
   * `.env.example`. A list of your own takes the place of the default.
   */
  readonly deny?: readonly string[];
}

/**
 * Tools that list, read and search the files inside `root`, and nothing outside it: `list_files`, `read_file` and
 * `search_files`, all of effect `read`. Their results are bounded and say how to get the rest.
 * Throws `invalid_option` at once when `root` is not a folder,
 * or when an option holds what is no glob.
 */
export function files(options: FilesOptions): Toolkit<unknown> {
  checkOptions('files()', options, { root: true, ignore: true, deny: true });
  const ignore = options.ignore ?? ['.git', 'node_modules'];
  const reach: Reach = {
    root: openRoot(options.root),
    ignore: checkedGlobs('ignore', ignore),
    left: ignore.join(', '),
    deny: denying(options.deny),
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

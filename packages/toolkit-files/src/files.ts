import { realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Toolkit } from '@throughline/core';
import { denying } from './deny.ts';
import { deleteTool } from './delete.ts';
import { editFile } from './edit-file.ts';
import { globFiles } from './glob-files.ts';
import { checkedGlobs } from './glob-option.ts';
import { listFiles } from './list-files.ts';
import { makeFolder } from './make-folder.ts';
import { move } from './move.ts';
import type { Reach } from './place.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';
import { SeenFiles } from './seen-files.ts';
import { writeFile } from './write-file.ts';

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
  /** Leave out what the `.gitignore` files of the root and its folders name, as `ignore` does. Default: false. */
  readonly gitignore?: boolean;
  /** With the tools that change files. Default: false. */
  readonly write?: boolean;
}

/**
 * Tools over the files inside `root`, and nothing outside it. To look: `list_files`, `glob`, `read_file` and `search_files`, all of effect
 * `read`. With `write: true` also `write_file`, `edit_file`, `make_folder` and `move`, of effect `write`, and `delete`, which is
 * `destructive`. What `ignore` leaves out and `deny` closes is not changed either. Results are bounded and say how to get the rest.
 * Throws `invalid_option` at once when `root` is not a folder, or when an option holds what it cannot.
 */
export function files(options: FilesOptions): Toolkit<unknown> {
  checkOptions('files()', options, {
    root: true,
    ignore: true,
    deny: true,
    gitignore: true,
    write: true,
  });
  const ignore = options.ignore ?? ['.git', 'node_modules'];
  const reach: Reach = {
    root: openRoot(options.root),
    ignore: checkedGlobs('ignore', ignore),
    left: ignore.join(', '),
    deny: denying(options.deny),
    gitignore: isOn('gitignore', options.gitignore),
  };
  const seen = isOn('write', options.write) ? new SeenFiles() : undefined;
  const look = [listFiles(reach), globFiles(reach), readFile(reach, seen), searchFiles(reach)];
  if (seen === undefined) return { name: 'files', tools: look };
  const change = [
    writeFile(reach, seen),
    editFile(reach, seen),
    makeFolder(reach),
    move(reach, seen),
    deleteTool(reach),
  ];
  return { name: 'files', tools: [...look, ...change] };
}

function isOn(option: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ThroughlineError(
    'invalid_option',
    `files: ${option} is ${JSON.stringify(value)}, but it must be true or false.`,
  );
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

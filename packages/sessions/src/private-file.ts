import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './storage-error.ts';

/** What is said in a session is for its owner alone, whatever the umask. */
const fileMode = 0o600;
const folderMode = 0o700;

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_TRUNC } = constants;
const flags = {
  read: O_RDONLY,
  append: O_WRONLY | O_APPEND | O_CREAT,
  cut: O_RDWR,
  make: O_WRONLY | O_CREAT | O_EXCL,
  draft: O_WRONLY | O_CREAT | O_TRUNC,
};

/** Opens a file of a session. One that is a link is refused (`ELOOP`), since what it leads to is no file of ours. */
export function openPrivate(path: string, how: keyof typeof flags): Promise<FileHandle> {
  // Windows has no such flag, and needs a privilege to make links.
  const noLink = (constants.O_NOFOLLOW as number | undefined) ?? 0;
  return open(path, flags[how] | noLink, fileMode);
}

/**
 * Makes a folder and those above it. Not by Node's `recursive`, which never ends where a folder is there and takes no entry, as on a
 * mount that went stale: it makes the folder above again and again.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const above = dirname(path);
    if (codeOf(error) !== 'ENOENT' || above === path) throw error;
    await makePrivateFolder(above);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: folderMode });
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isThere) throw error;
  }
}

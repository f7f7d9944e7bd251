import { constants } from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@throughline/core';
import type { Place } from './place.ts';
import { codeOf, inWords, shown } from './trouble.ts';

// Owns how a found place is opened, looked at and listed without leaving the root, also where another process exchanges a folder for a
// link in between. Does not find places: root.ts does.

const isLinux = process.platform === 'linux';
/** Opens for a look only: no permission to read is needed, no pipe is waited for. Linux has it, Node does not name it. */
const onlyLook = 0o10000000;
// Windows knows none of these flags.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants;

/** Opens what is at the place, to read. What was opened is what was found, or it throws. */
export function openToRead(place: Place): Promise<FileHandle> {
  return opened(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** What the system says of the place. A link is not followed: a found place has none. */
export async function statOf(place: Place): Promise<Stats> {
  if (!isLinux) return lstat(place.real).catch((error) => refuse(error, place));
  const handle = await opened(place, onlyLook | O_NOFOLLOW);
  try {
    return await handle.stat();
  } finally {
    await handle.close();
  }
}

/** What the folder holds. On Linux the names come from the very folder that was opened. */
export async function entriesOf(place: Place): Promise<Dirent[]> {
  const handle = isLinux ? await opened(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : undefined;
  try {
    const path = handle === undefined ? place.real : `/proc/self/fd/${handle.fd}`;
    const found = await readdir(path, { withFileTypes: true });
    if (handle === undefined && (await realpath(place.real)) !== place.real) throw changed(place);
    return found;
  } catch (error) {
    throw inWords(error, place.path);
  } finally {
    await handle?.close();
  }
}

/**
 * Acts inside a found folder: `act` is given the path under which each name in it is reached. On Linux these lead through the very folder
 * that was found, whatever stands at its path meanwhile; elsewhere the folder is looked at before and after.
 */
export async function insideOf<Result>(
  folder: Place,
  act: (at: (name: string) => string) => Promise<Result>,
): Promise<Result> {
  if (!isLinux) {
    await mustStand(folder);
    const result = await act((name) => join(folder.real, name));
    await mustStand(folder);
    return result;
  }
  const handle = await opened(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    return await act((name) => `/proc/self/fd/${handle.fd}/${name}`);
  } finally {
    await handle.close();
  }
}

async function mustStand(folder: Place): Promise<void> {
  if ((await realpath(folder.real)) !== folder.real) throw changed(folder);
}

async function opened(place: Place, flags: number): Promise<FileHandle> {
  const handle = await open(place.real, flags).catch((error) => refuse(error, place));
  try {
    if (!(await isWhatWasFound(handle, place))) throw changed(place);
    return handle;
  } catch (error) {
    await handle.close();
    throw inWords(error, place.path);
  }
}

/**
 * On Linux the system tells the path of what is open, whatever stands at that path now. Elsewhere the place is looked at again, which a
 * very quick hand could outwit: it would have to exchange the folder twice between two system calls.
 */
async function isWhatWasFound(handle: FileHandle, place: Place): Promise<boolean> {
  if (isLinux) return (await readlink(`/proc/self/fd/${handle.fd}`)) === place.real;
  const [seen, there, real] = await Promise.all([
    handle.stat({ bigint: true }),
    lstat(place.real, { bigint: true }),
    realpath(place.real),
  ]);
  return seen.ino === there.ino && seen.dev === there.dev && real === place.real;
}

function refuse(error: unknown, place: Place): never {
  throw codeOf(error) === 'ELOOP' ? changed(place) : inWords(error, place.path);
}

function changed(place: Place): ToolError {
  return new ToolError(`${shown(place.path)} was exchanged while it was opened; try again.`);
}

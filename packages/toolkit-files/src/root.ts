import { realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import { ToolError } from '@throughline/core';
import { isClosed } from './deny.ts';
import { entriesOf, openToRead, statOf } from './opened.ts';
import { pathIn, pathsOf } from './place.ts';
import type { Place, Reach } from './place.ts';
import { count, inWords, isMissing, noSuchName, shown } from './trouble.ts';

/**
 * Finds what `path` names inside `root`. Each name on the way is followed and held against the root before the next
 * is looked at, so that not even an error tells of what lies outside. Throws ToolErrors.
 */
export async function find(reach: Pick<Reach, 'root' | 'deny'>, path: string): Promise<Place> {
  const { place, missing } = await findSome(reach, path);
  const [name] = missing;
  if (name === undefined) return place;
  throw noSuchName({ place, entries: await entriesOf(place).catch(() => []) }, name, path);
}

/** As much of a path as there is. */
export interface Found {
  readonly place: Place;
  /** The names behind it that are not there. */
  readonly missing: readonly string[];
}

/** The same as `find`, for a path that need not be there to its end. */
export async function findSome(
  { root, deny }: Pick<Reach, 'root' | 'deny'>,
  path: string,
): Promise<Found> {
  const names = namesOf(root, path);
  let place: Place = { path: '.', real: root };
  for (const [index, name] of names.entries()) {
    const next = await findIn({ root, deny }, place, name);
    if (next === undefined) {
      if (path.includes('\\')) return findSome({ root, deny }, path.replaceAll('\\', '/'));
      return { place, missing: names.slice(index) };
    }
    place = next;
  }
  return { place, missing: [] };
}

/** What `name` is inside a found folder; undefined where there is none. Throws a ToolError for what leads out or is denied. */
export async function findIn(
  { root, deny }: Pick<Reach, 'root' | 'deny'>,
  folder: Place,
  name: string,
): Promise<Place | undefined> {
  const place = await enter(root, folder, name);
  if (place === undefined) return undefined;
  // A link is judged by its own name and by the name of what it leads to.
  const [asked = '', own] = pathsOf(root, place);
  if (deny(asked) || (own !== undefined && isClosed(deny, own))) throw denied(place.path);
  return place;
}

/** Linux takes no longer one, others less. */
export const longestPath = 4_096;

/** So deep these tools go: what a path costs grows with the square of its names, and more. */
export const mostNames = 200;

/** The names on the way from the root to `path`. Throws a ToolError where it leads out by itself. */
export function namesOf(root: string, path: string): readonly string[] {
  if (path.length > longestPath) {
    throw new ToolError(`${shown(path)} is longer than any path can be.`);
  }
  if (path.includes('\0')) throw new ToolError(`${shown(path)} is no path: it holds a NUL byte.`);
  if (isAbsolute(path) || win32.isAbsolute(path)) {
    throw new ToolError(
      `${shown(path)} is an absolute path; paths here are relative to the root, like "notes/today.md".`,
    );
  }
  const inside = relative(root, resolve(root, path));
  if (leaves(inside)) throw new ToolError(`${shown(path)} leads out of the root.`);
  const names = inside.split(sep).filter((part) => part !== '');
  if (names.length <= mostNames) return names;
  throw new ToolError(
    `${shown(path)} leads through ${count(names.length, 'name')}; these tools go ${mostNames} deep.`,
  );
}

/** Says that the host closed `path` to the tools. */
export function denied(path: string): ToolError {
  return new ToolError(`${shown(path)} is denied: the host keeps it from these tools.`);
}

/** What `name` is inside the folder `place`; nothing when there is no such name. */
async function enter(root: string, place: Place, name: string): Promise<Place | undefined> {
  const path = pathIn(place, name);
  try {
    const real = await realpath(join(place.real, name));
    if (leaves(relative(root, real))) {
      throw new ToolError(`${shown(path)} is a link that leads out of the root.`);
    }
    return { path, real };
  } catch (error) {
    if (!isMissing(error)) throw inWords(error, path);
    const twin = await sameLetters(place, name);
    return twin === undefined ? undefined : enter(root, place, twin);
  }
}

/** A name that is written with other code points but reads the same: `é` as one letter, or as `e` and an accent. */
async function sameLetters(place: Place, name: string): Promise<string | undefined> {
  const wanted = name.normalize('NFC');
  const names = (await entriesOf(place).catch(() => [])).map((entry) => entry.name);
  return names.find((other) => other !== name && other.normalize('NFC') === wanted);
}

/** Whether a path that is relative to the root leads out of it. */
function leaves(inside: string): boolean {
  return inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
}

/** Whether a found place is a folder. */
export async function isFolder(place: Place): Promise<boolean> {
  return (await statOf(place)).isDirectory();
}

/** Opens a found file to read. Never waits for a pipe, and opens nothing but files. */
export async function openFile(place: Place): Promise<FileHandle> {
  const handle = await openToRead(place);
  try {
    const seen = await handle.stat();
    if (seen.isFile()) return handle;
    const what = seen.isDirectory()
      ? 'is a folder; list_files tells what it holds'
      : 'is neither a file nor a folder';
    throw new ToolError(`${shown(place.path)} ${what}.`);
  } catch (error) {
    await handle.close();
    throw inWords(error, place.path);
  }
}

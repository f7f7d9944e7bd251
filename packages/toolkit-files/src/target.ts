import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@throughline/core';
import { waysTo } from './deny.ts';
import { entriesOf, insideOf } from './opened.ts';
import { pathIn, pathsOf } from './place.ts';
import type { Place, Reach } from './place.ts';
import { isTemporary } from './put-file.ts';
import type { Target } from './put-file.ts';
import { denied, find, findIn, findSome, isFolder, namesOf } from './root.ts';
import { codeOf, count, inWords, noSuchName, shown } from './trouble.ts';
import { kindOf, mostEntries, walk } from './walk.ts';
import type { Entry } from './walk.ts';

// Owns where something is written: what is there already, which folders are missing, and what the host keeps from being changed.

/** What a path names: something that is there, or the folders and the name that would have to be made. */
export type Writable = { readonly place: Place; readonly missing?: undefined } | Missing;

/** A path of which the first part is there, and the names behind it are not. */
export interface Missing {
  readonly place: Place;
  readonly missing: readonly [string, ...string[]];
}

/** Finds where `path` leads, be it there or not. Throws ToolErrors for the root, for what the host closed, and for odd names. */
export async function findWritable(reach: Reach, path: string): Promise<Writable> {
  const { place, missing } = await findSome(reach, path);
  const whole = [...(place.path === '.' ? [] : [place.path]), ...missing].join('/');
  if (whole === '') throw new ToolError(`${shown(path)} is the root itself.`);
  mustBeOpen(reach, { path: whole, real: join(place.real, ...missing) });
  const [name, ...rest] = missing;
  if (name === undefined) return { place };
  for (const one of missing) checkName(one);
  if (!(await isFolder(place))) {
    throw new ToolError(`${shown(path)} goes through ${shown(place.path)}, which is a file.`);
  }
  return { place, missing: [name, ...rest] };
}

/** Something that is there, by its own name: a link is not followed. */
export interface Named extends Target {
  readonly kind: Entry['kind'];
  /** Where it really is. */
  readonly real: string;
}

/**
 * Throws ToolErrors where the host keeps a place from being changed: by `deny`, or by `ignore`, also of a folder on the way. A place that is
 * reached by a link is judged by its own path as well.
 */
export function mustBeOpen(reach: Reach, place: Place): void {
  for (const path of pathsOf(reach.root, place)) {
    if (path.split('/').some(isTemporary)) throw denied(place.path);
    for (const way of waysTo(path)) {
      if (reach.deny(way)) throw denied(place.path);
      if (reach.ignore(way)) throw leftOut(place.path, way);
    }
  }
}

function leftOut(path: string, way: string): ToolError {
  return new ToolError(
    `${shown(path)} is not changed: the host leaves ${shown(way)} out of what these tools work on.`,
  );
}

/** A name that would be another one, or a device, on some systems. */
function checkName(name: string): void {
  const reason = reasonAgainst(name);
  if (reason !== undefined)
    throw new ToolError(`No file is made with the name ${shown(name)}: ${reason}.`);
}

function reasonAgainst(name: string): string | undefined {
  if (/[\p{Cc}\p{Cf}\u2028\u2029\p{Surrogate}]/u.test(name))
    return 'it holds letters that cannot be seen';
  if (/[<>:"|?*\\]/.test(name)) return 'not every system takes < > : " | ? * and \\ in a name';
  if (/[. ]$/.test(name)) return 'it ends in a dot or a space';
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name))
    return 'it is that of a device on Windows';
  return undefined;
}

/** Makes the folders of `names` inside `folder`, one in the other, and says where the last is. */
export async function makeFolders(
  reach: Reach,
  folder: Place,
  names: readonly string[],
): Promise<Place> {
  let place = folder;
  for (const name of names) {
    const path = pathIn(place, name);
    await insideOf(place, (at) => mkdir(at(name))).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw inWords(error, path, 'made');
    });
    // Found anew: what was made by another meanwhile could be a link.
    const made = await findIn(reach, place, name);
    if (made === undefined) throw new ToolError(`${shown(path)} was taken away meanwhile.`);
    place = made;
  }
  return place;
}

/** Makes the folders on the way to what is missing, and says where it will stand. */
export async function makeRoom(reach: Reach, { place, missing }: Missing): Promise<Target> {
  const name = missing.at(-1) ?? '';
  const folder = await makeFolders(reach, place, missing.slice(0, -1));
  return { folder, name, path: pathIn(folder, name) };
}

/** Finds what `path` names by its own name, to move or delete it: a link is that link, not what it leads to. */
export async function findNamed(reach: Reach, path: string): Promise<Named> {
  const names = namesOf(reach.root, path.includes('\\') ? path.replaceAll('\\', '/') : path);
  const asked = names.at(-1);
  if (asked === undefined) throw new ToolError(`${shown(path)} is the root itself.`);
  const folder = await find(reach, names.slice(0, -1).join('/') || '.');
  const entries = await entriesOf(folder);
  const alike = (name: string) => name.normalize('NFC') === asked.normalize('NFC');
  const entry =
    entries.find(({ name }) => name === asked) ?? entries.find(({ name }) => alike(name));
  if (entry === undefined) throw noSuchName({ place: folder, entries }, asked, path);
  const { name } = entry;
  const own = pathIn(folder, name);
  const place = { path: own, real: join(folder.real, name) };
  mustBeOpen(reach, place);
  return { ...place, folder, name, kind: kindOf(entry) };
}

/** Throws a ToolError where a folder holds something that the host keeps from being changed, or more than can be looked at. */
export async function mustHoldNothingKept(
  reach: Reach,
  { path, real }: Pick<Named, 'path' | 'real'>,
  signal: AbortSignal,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const all: Reach = { ...reach, ignore: () => false };
  for await (const entry of walk(all, { path, real }, { deep: true, signal })) {
    mustBeOpen(reach, entry);
    if (entry.kind === 'closed') throw new ToolError(`${shown(entry.path)} cannot be read.`);
    entries.push(entry);
    if (entries.length > mostEntries) {
      throw new ToolError(
        `${shown(path)} holds more than ${count(mostEntries, 'entry', 'entries')}.`,
      );
    }
  }
  return entries;
}

import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { breather } from './breather.ts';
import type { Breathe } from './breather.ts';
import { entriesOf } from './opened.ts';
import type { Place, Reach } from './place.ts';

/** So many names are looked at, and no more. */
export const mostEntries = 50_000;

/** What a walk comes by. */
export interface Entry extends Place {
  /** `closed` is a folder that cannot be read, `denied` what the host keeps from the tools. Links are named and not followed. */
  readonly kind: 'file' | 'folder' | 'closed' | 'denied' | 'link' | 'other';
}

/** How far to walk. */
export interface Walk {
  readonly deep: boolean;
  readonly signal: AbortSignal;
}

/**
 * What a folder holds, each folder sorted by name and followed by what it holds in turn when the walk is `deep`.
 * Ignored names are left out. Throws when `from` itself is no folder that can be read.
 */
export async function* walk(reach: Reach, from: Place, how: Walk): AsyncGenerator<Entry> {
  const breathe = breather(how.signal);
  const ahead = (await look(reach, from, breathe)).reverse();
  for (let entry = ahead.pop(); entry !== undefined; entry = ahead.pop()) {
    await breathe();
    if (entry.kind !== 'folder' || !how.deep) {
      yield entry;
      continue;
    }
    const inside = await look(reach, entry, breathe).catch(() => {
      how.signal.throwIfAborted();
      return undefined;
    });
    yield inside === undefined ? { ...entry, kind: 'closed' } : entry;
    for (const child of inside?.reverse() ?? []) ahead.push(child);
  }
}

async function look(reach: Reach, folder: Place, breathe: Breathe): Promise<Entry[]> {
  const found = (await entriesOf(folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const entries: Entry[] = [];
  for (const dirent of found) {
    await breathe();
    const path = folder.path === '.' ? dirent.name : `${folder.path}/${dirent.name}`;
    if (reach.ignore(path)) continue;
    const kind = reach.deny(path) ? 'denied' : kindOf(dirent);
    entries.push({ path, real: join(folder.real, dirent.name), kind });
  }
  return entries;
}

function kindOf(dirent: Dirent): Entry['kind'] {
  if (dirent.isSymbolicLink()) return 'link';
  if (dirent.isDirectory()) return 'folder';
  return dirent.isFile() ? 'file' : 'other';
}

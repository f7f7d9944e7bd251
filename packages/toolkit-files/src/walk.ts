import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolError } from '@throughline/core';
import type { Place, Reach } from './place.ts';
import { inWords, shown } from './trouble.ts';

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
  const ahead = (await look(reach, from)).reverse();
  for (let entry = ahead.pop(); entry !== undefined; entry = ahead.pop()) {
    how.signal.throwIfAborted();
    if (entry.kind !== 'folder' || !how.deep) {
      yield entry;
      continue;
    }
    const inside = await look(reach, entry).catch(() => undefined);
    yield inside === undefined ? { ...entry, kind: 'closed' } : entry;
    for (const child of inside?.reverse() ?? []) ahead.push(child);
  }
}

async function look(reach: Reach, folder: Place): Promise<Entry[]> {
  try {
    const found = await readdir(folder.real, { withFileTypes: true });
    // Between finding and reading, the folder may have been exchanged for a link.
    if ((await realpath(folder.real)) !== folder.real) {
      throw new ToolError(`${shown(folder.path)} was exchanged while it was read; try again.`);
    }
    return found
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((dirent) => {
        const path = folder.path === '.' ? dirent.name : `${folder.path}/${dirent.name}`;
        const kind = reach.deny(path) ? 'denied' : kindOf(dirent);
        return { path, real: join(folder.real, dirent.name), kind } as const;
      })
      .filter(({ path }) => !reach.ignore(path));
  } catch (error) {
    throw inWords(error, folder.path);
  }
}

function kindOf(dirent: Dirent): Entry['kind'] {
  if (dirent.isSymbolicLink()) return 'link';
  if (dirent.isDirectory()) return 'folder';
  return dirent.isFile() ? 'file' : 'other';
}

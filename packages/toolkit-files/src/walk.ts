import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { breather } from './breather.ts';
import type { Breathe } from './breather.ts';
import type { Ignored } from './git-ignore.ts';
import { entriesOf } from './opened.ts';
import { pathIn, pathsOf } from './place.ts';
import type { Place, Reach } from './place.ts';
import { isTemporary } from './put-file.ts';
import { mostNames } from './root.ts';

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
  const ignored = reach.gitignore ? await ignoredByGit(reach, from) : nothing;
  const ahead = (await look({ reach, ignored, breathe }, from)).reverse();
  for (let entry = ahead.pop(); entry !== undefined; entry = ahead.pop()) {
    await breathe();
    if (entry.kind !== 'folder' || !how.deep) {
      yield entry;
      continue;
    }
    const inside = await look({ reach, ignored, breathe }, entry).catch(() => {
      how.signal.throwIfAborted();
      return undefined;
    });
    yield inside === undefined ? { ...entry, kind: 'closed' } : entry;
    for (const child of inside?.reverse() ?? []) ahead.push(child);
  }
}

/** What it takes to look into a folder. */
interface Look {
  readonly reach: Reach;
  readonly ignored: Ignored;
  readonly breathe: Breathe;
}

/** Loaded where the host asks for it, which few do. */
async function ignoredByGit(reach: Reach, from: Place): Promise<Ignored> {
  const { gitIgnored } = await import('./git-ignore.ts');
  return gitIgnored(reach, from);
}

const nothing: Ignored = () => Promise.resolve(() => false);

async function look({ reach, ignored, breathe }: Look, folder: Place): Promise<Entry[]> {
  if (folder.path.split('/').length >= mostNames) throw new Error('It lies too deep.');
  const found = (await entriesOf(folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const entries: Entry[] = [];
  const hasRules = found.some(({ name }) => name === '.gitignore');
  const isIgnored = await ignored(folder, hasRules);
  for (const dirent of found) {
    await breathe();
    const path = pathIn(folder, dirent.name);
    const place = { path, real: join(folder.real, dirent.name) };
    const paths = pathsOf(reach.root, place); // the walk may have begun behind a link
    if (paths.some(reach.ignore) || isTemporary(dirent.name)) continue;
    const kind = paths.some(reach.deny) ? 'denied' : kindOf(dirent);
    if (isIgnored(path, kind === 'folder')) continue;
    entries.push({ ...place, kind });
  }
  return entries;
}

export function kindOf(dirent: Dirent): Entry['kind'] {
  if (dirent.isSymbolicLink()) return 'link';
  if (dirent.isDirectory()) return 'folder';
  return dirent.isFile() ? 'file' : 'other';
}

import ignore from 'ignore';
import type { Ignore } from 'ignore';
import type { Place, Reach } from './place.ts';
import { find, openFile } from './root.ts';
import { allBytes } from './whole-text.ts';

/** For a folder, and whether it has a `.gitignore`: what of it is left out. */
export type Ignored = (
  folder: Place,
  hasRules: boolean,
) => Promise<(path: string, isFolder: boolean) => boolean>;

/** The rules of one folder, and of those above it. */
interface Rules {
  readonly folder: string;
  readonly own: Ignore | undefined;
  readonly above: Rules | undefined;
}

/**
 * What the `.gitignore` files of the root and its folders leave out, for a walk that begins at `from` and enters no folder that is left
 * out. A rule of a deeper folder counts more. A file that cannot be read has no rules.
 */
export async function gitIgnored(reach: Reach, from: Place): Promise<Ignored> {
  const known = new Map<string, Promise<Rules>>();
  const rulesOf = (path: string, hasRules: boolean): Promise<Rules> => {
    const found = known.get(path) ?? load(path, hasRules);
    known.set(path, found);
    return found;
  };
  const load = async (path: string, hasRules: boolean): Promise<Rules> => {
    const above = path === '.' ? undefined : await rulesOf(aboveOf(path), true);
    return { folder: path, own: hasRules ? await readRules(reach, path) : undefined, above };
  };
  await rulesOf(from.path, true);
  return async ({ path }, hasRules) => {
    const rules = await rulesOf(path, hasRules);
    return (entry, isFolder) => isLeftOut(rules, isFolder ? `${entry}/` : entry);
  };
}

function isLeftOut(rules: Rules | undefined, path: string): boolean {
  for (let at = rules; at !== undefined; at = at.above) {
    const within = at.folder === '.' ? path : path.slice(at.folder.length + 1);
    const { ignored, unignored } = at.own?.test(within) ?? {};
    if (ignored === true) return true;
    if (unignored === true) return false;
  }
  return false;
}

async function readRules(reach: Reach, folder: string): Promise<Ignore | undefined> {
  const path = folder === '.' ? '.gitignore' : `${folder}/.gitignore`;
  try {
    const handle = await openFile(await find(reach, path));
    try {
      const bytes = await allBytes(handle);
      if (bytes === undefined) return undefined;
      return ignore({ ignorecase: false }).add(new TextDecoder().decode(bytes));
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

function aboveOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : path.slice(0, at);
}

import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { longestPath } from './root.ts';

/**
 * What two calls must not work on at the same time: the real path, as far as there is one. Names that some disk takes for one are one lock,
 * which at worst lets a call wait for another.
 */
export function lockOf(root: string, path: string): string {
  if (path.length > longestPath) return root; // it will be refused
  return realOf(resolve(root, path.replaceAll('\\', '/')))
    .normalize('NFC')
    .toLowerCase();
}

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realOf(above), path.slice(above.length));
  }
}

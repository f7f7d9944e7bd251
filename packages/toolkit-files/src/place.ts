import { relative, sep } from 'node:path';

/** A file or folder that exists inside the root. */
export interface Place {
  /** As the model is told of it: relative to the root, with `/`, and `.` for the root itself. */
  readonly path: string;
  /** Where it really is, without links. */
  readonly real: string;
}

/** The path of what a folder holds by a name. */
export function pathIn(folder: Pick<Place, 'path'>, name: string): string {
  return folder.path === '.' ? name : `${folder.path}/${name}`;
}

/** The paths a host may have closed a place by: the one it was asked for by, and its own, where that is another. */
export function pathsOf(root: string, { path, real }: Place): readonly string[] {
  const own = relative(root, real).replaceAll(sep, '/');
  return own === path ? [path] : [path, own];
}

/** What the tools share. */
export interface Reach {
  /** The root's own path, without links. */
  readonly root: string;
  /** Paths that are neither listed nor searched. */
  readonly ignore: (path: string) => boolean;
  /** The patterns of `ignore`, as the model is told of them. */
  readonly left: string;
  /** Paths that are listed and never read, searched or changed, nor what they hold. */
  readonly deny: (path: string) => boolean;
  /** Whether what `.gitignore` files name is left out as well. */
  readonly gitignore: boolean;
}

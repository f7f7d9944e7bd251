import type { Stats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { lockOf } from './lock.ts';
import { insideOf } from './opened.ts';
import { pathIn } from './place.ts';
import type { Reach } from './place.ts';
import type { SeenFiles } from './seen-files.ts';
import { findNamed, findWritable, makeRoom, mustHoldNothingKept } from './target.ts';
import type { Named } from './target.ts';
import { codeOf, inWords, named, shown } from './trouble.ts';

const input = z.object({
  from: z.string().describe('The file or folder, relative to the root.'),
  to: z.string().describe('Its new path, relative to the root. Nothing may be there yet.'),
});

/** The tool `move`. */
export function move(reach: Reach, seen: SeenFiles): Tool<unknown> {
  return tool({
    name: 'move',
    description:
      'Moves or renames a file or a folder. It never overwrites: nothing may be at the new path. Folders that are missing are made.',
    inputSchema: input,
    effect: 'write',
    locks: ({ from, to }) => [lockOf(reach.root, from), lockOf(reach.root, to)],
    async execute({ from, to }, { signal }) {
      const source = await findNamed(reach, from);
      if (source.kind === 'link' || source.kind === 'other') {
        throw new ToolError(
          `${shown(source.path)} is a link or a device; only files and folders are moved.`,
        );
      }
      if (source.kind === 'folder') await mustHoldNothingKept(reach, source, signal);
      const target = await freePlace(reach, source, to);
      signal.throwIfAborted();
      await insideOf(source.folder, (at) =>
        insideOf(target.folder, (there) =>
          put(source, at(source.name), there(target.name)).catch((error: unknown) => {
            throw trouble(error, source.path, to);
          }),
        ),
      );
      seen.moved(source.real, join(target.folder.real, target.name));
      return `${named(source.path)}: moved to ${named(target.path)}.`;
    },
  });
}

async function freePlace(reach: Reach, source: Named, to: string) {
  const found = await findWritable(reach, to);
  if (found.missing === undefined) {
    // A disk that takes upper and lower case for one name finds the source itself.
    if (found.place.real === source.real) return renamed(source, to);
    throw new ToolError(`${shown(to)} is there already; move overwrites nothing.`);
  }
  if (found.place.real === source.real || found.place.real.startsWith(`${source.real}/`)) {
    throw new ToolError(`${shown(source.path)} cannot be moved into itself.`);
  }
  return makeRoom(reach, found);
}

function renamed({ folder, name }: Named, to: string) {
  const asked = to.split(/[\\/]/).filter(Boolean).at(-1) ?? name;
  if (asked === name) throw new ToolError(`${shown(to)} is where it is already.`);
  return { folder, name: asked, path: pathIn(folder, asked) };
}

/** A rename would overwrite a file in silence; a second name that is taken is refused by the system. */
async function put({ kind }: Named, from: string, to: string): Promise<void> {
  const there: Stats | undefined = await lstat(to).catch(() => undefined);
  const own = await lstat(from);
  const isItself = there !== undefined && there.ino === own.ino && there.dev === own.dev;
  if (kind === 'folder' || isItself) {
    if (there !== undefined && !isItself)
      throw Object.assign(new Error('taken'), { code: 'EEXIST' });
    await rename(from, to);
    return;
  }
  await link(from, to);
  await unlink(from);
}

function trouble(error: unknown, from: string, to: string): unknown {
  const code = codeOf(error);
  if (code === 'EEXIST')
    return new ToolError(`${shown(to)} is there already; move overwrites nothing.`);
  if (code === 'EINVAL') return new ToolError(`${shown(from)} cannot be moved into itself.`);
  return inWords(error, from, 'moved');
}

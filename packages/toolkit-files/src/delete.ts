import { lstat, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { lockOf } from './lock.ts';
import { insideOf } from './opened.ts';
import type { Place, Reach } from './place.ts';
import { findNamed, mustHoldNothingKept } from './target.ts';
import type { Named } from './target.ts';
import { count, inWords, named, shown } from './trouble.ts';
import type { Entry } from './walk.ts';

const input = z.object({
  path: z
    .string()
    .describe(
      'The file or folder, relative to the root. A link is deleted itself, not what it leads to.',
    ),
  recursive: z.boolean().default(false).describe('Delete a folder with all that it holds.'),
});

/** The tool `delete`. */
export function deleteTool(reach: Reach): Tool<unknown> {
  return tool({
    name: 'delete',
    description:
      'Deletes a file, a link or an empty folder; with recursive a folder and all that it holds.',
    inputSchema: input,
    effect: 'destructive',
    locks: ({ path }) => [lockOf(reach.root, path)],
    async execute({ path, recursive }, { signal }) {
      const found = await findNamed(reach, path);
      if (found.kind !== 'folder') {
        await away(found.folder, found.name, found.path, unlink);
        return `${named(found.path)}: deleted.`;
      }
      const inside = await mustHoldNothingKept(reach, found, signal);
      if (inside.length > 0 && !recursive) {
        throw new ToolError(
          `${shown(found.path)} holds ${count(inside.length, 'entry', 'entries')}. Set recursive to delete all of it.`,
        );
      }
      await mustBeOneDisk(reach, found, inside);
      return deleteAll(found, inside, signal);
    },
  });
}

/** What is mounted inside is another's, and would be emptied. */
async function mustBeOneDisk(
  { root }: Reach,
  found: Named,
  inside: readonly Entry[],
): Promise<void> {
  const { dev } = await lstat(root);
  for (const { kind, path, real } of [found, ...inside]) {
    if (kind !== 'folder' || (await lstat(real)).dev === dev) continue;
    throw new ToolError(`Nothing was deleted: another disk is mounted at ${shown(path)}.`);
  }
}

/** From the deepest up. What was put there meanwhile keeps its folder from being deleted. */
async function deleteAll(
  found: Named,
  inside: readonly Entry[],
  signal: AbortSignal,
): Promise<string> {
  let done = 0;
  try {
    for (const entry of inside.toReversed()) {
      signal.throwIfAborted();
      await away(
        above(entry),
        basename(entry.real),
        entry.path,
        entry.kind === 'folder' ? rmdir : unlink,
      );
      done++;
    }
    await away(found.folder, found.name, found.path, rmdir);
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    throw new ToolError(
      `Only ${count(done, 'entry', 'entries')} of ${inside.length + 1} were deleted: ${words}`,
    );
  }
  return `${named(found.path)}/: deleted, with ${count(inside.length, 'entry', 'entries')} in it.`;
}

function above({ path, real }: Place): Place {
  return { path: dirname(path), real: dirname(real) };
}

async function away(
  folder: Place,
  name: string,
  path: string,
  how: (path: string) => Promise<void>,
): Promise<void> {
  await insideOf(folder, (at) => how(at(name))).catch((error: unknown) => {
    throw inWords(error, path, 'deleted');
  });
}

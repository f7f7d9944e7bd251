import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { lockOf } from './lock.ts';
import type { Reach } from './place.ts';
import { isFolder } from './root.ts';
import { findWritable, makeFolders } from './target.ts';
import { named, shown } from './trouble.ts';

const input = z.object({
  path: z
    .string()
    .describe('The folder, relative to the root. Folders on the way are made as well.'),
});

/** The tool `make_folder`. */
export function makeFolder(reach: Reach): Tool<unknown> {
  return tool({
    name: 'make_folder',
    description: 'Makes a folder. write_file makes the folders it needs by itself.',
    inputSchema: input,
    effect: 'write',
    locks: ({ path }) => [lockOf(reach.root, path)],
    async execute({ path }) {
      const found = await findWritable(reach, path);
      if (found.missing !== undefined) {
        const made = await makeFolders(reach, found.place, found.missing);
        return `${named(made.path)}/: made.`;
      }
      if (await isFolder(found.place)) return `${named(found.place.path)}/: it is there already.`;
      throw new ToolError(`${shown(found.place.path)} is a file, so no folder can have that name.`);
    },
  });
}

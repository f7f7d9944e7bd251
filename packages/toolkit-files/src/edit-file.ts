import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { changeBetween } from './change.ts';
import { editText } from './edit-text.ts';
import { lockOf } from './lock.ts';
import type { Reach } from './place.ts';
import { replaceText } from './replace-text.ts';
import { find } from './root.ts';
import type { SeenFiles } from './seen-files.ts';
import { mustBeOpen } from './target.ts';
import { count, shown } from './trouble.ts';

const edit = z.object({
  old_string: z
    .string()
    .max(1_000_000)
    .describe(
      'The text to replace, exactly as it is in the file, with enough around it to be unique.',
    ),
  new_string: z.string().max(1_000_000).describe('The text that takes its place.'),
  replace_all: z.boolean().default(false).describe('Replace it everywhere in the file.'),
});

const input = z.object({
  path: z.string().describe('The file, relative to the root.'),
  edits: z
    .array(edit)
    .min(1)
    .max(100)
    .describe('Made all together or not at all. Each is looked for in the file as it is now.'),
});

/** The tool `edit_file`. */
export function editFile(reach: Reach, seen: SeenFiles): Tool<unknown> {
  return tool({
    name: 'edit_file',
    description:
      'Replaces parts of a text file that was read before with read_file, and shows the change. ' +
      'An old_string must fit one place, or replace_all be set. Line ends and all else of the file stay as they are.',
    inputSchema: input,
    effect: 'write',
    locks: ({ path }) => [lockOf(reach.root, path)],
    async execute({ path, edits }, scope) {
      const place = await find(reach, path);
      mustBeOpen(reach, place);
      return replaceText({ place, seen }, scope, ({ text: before }) => {
        const { text, places, loose } = editText(before, edits, shown(place.path));
        const tell = async (from: string, to: string) =>
          `${count(places, 'place')} changed.${looseNote(loose)}\n${await changeBetween(from, to)}`;
        return { text, tell };
      });
    },
  });
}

function looseNote(loose: readonly number[]): string {
  if (loose.length === 0) return '';
  const which = loose.length === 1 ? `Edit ${loose[0]}` : `Edits ${loose.join(', ')}`;
  return ` ${which} fitted only without regard to line ends, trailing space or indentation; the rest of the file is as it was.`;
}

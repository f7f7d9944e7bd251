import { join } from 'node:path';
import { tool, ToolError } from '@throughline/core';
import type { CallScope, Tool } from '@throughline/core';
import * as z from 'zod';
import { changeBetween } from './change.ts';
import { lockOf } from './lock.ts';
import type { Reach } from './place.ts';
import { putFile } from './put-file.ts';
import { replaceText } from './replace-text.ts';
import { runOf } from './seen-files.ts';
import type { SeenFiles } from './seen-files.ts';
import { findWritable, makeRoom } from './target.ts';
import { count, named } from './trouble.ts';
import { encoded, encodingIn, mostBytes } from './whole-text.ts';

const input = z.object({
  path: z.string().describe('The file, relative to the root. Folders that are missing are made.'),
  content: z.string().describe('The whole text of the file.'),
});

/** What was asked. */
type Asked = z.output<typeof input>;

/** The tool `write_file`. */
export function writeFile(reach: Reach, seen: SeenFiles): Tool<unknown> {
  return tool({
    name: 'write_file',
    description:
      'Makes a text file, or replaces all of its text. A file that is there must have been read before with read_file. ' +
      'To change parts of a file use edit_file.',
    inputSchema: input,
    effect: 'write',
    locks: ({ path }) => [lockOf(reach.root, path)],
    execute: (asked: Asked, scope) => write(reach, seen, asked, scope),
  });
}

async function write(
  reach: Reach,
  seen: SeenFiles,
  { path, content }: Asked,
  scope: CallScope,
): Promise<string> {
  const found = await findWritable(reach, path);
  if (found.missing === undefined) {
    const told = await replaceText({ place: found.place, seen }, scope, ({ text }) => ({
      text:
        text.startsWith('\ufeff') && !content.startsWith('\ufeff') ? `\ufeff${content}` : content,
      tell: async (before, after) => `replaced.\n${await changeBetween(before, after)}`,
    }));
    return told;
  }
  const bytes = encoded(content, encodingIn(new Uint8Array()), 'content');
  mustBeSmall(bytes.length);
  const target = await makeRoom(reach, found);
  await putFile(target, bytes, undefined, scope.signal);
  seen.note(runOf(scope), join(target.folder.real, target.name), bytes);
  const lines = content === '' ? 0 : content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
  return `${named(target.path)}: made, ${count(lines, 'line')}, ${count(bytes.length, 'byte')}.`;
}

/** What is written must also be readable and editable by these tools. */
function mustBeSmall(bytes: number): void {
  if (bytes <= mostBytes) return;
  throw new ToolError(
    `The text has ${count(bytes, 'byte')}; these tools write at most ${count(mostBytes, 'byte')}.`,
  );
}

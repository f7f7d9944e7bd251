import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { glob } from './glob.ts';
import { statOf } from './opened.ts';
import type { Reach } from './place.ts';
import { find, isFolder } from './root.ts';
import { count, named, shown } from './trouble.ts';
import { mostEntries, walk } from './walk.ts';
import type { Entry } from './walk.ts';

const input = z.object({
  path: z.string().default('.').describe('The folder, relative to the root.'),
  glob: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Only files that fit, at any depth: "*.md", "src/**/*.{ts,js}", "[a-c]?.txt".'),
  recursive: z.boolean().default(false).describe('Also what the folders inside hold.'),
  offset: z.int().min(0).default(0).describe('How many entries to leave out at the start.'),
  limit: z.int().min(1).max(1_000).default(200).describe('How many entries to tell at most.'),
});

/** A longer page ends early, well before core would cut it. */
const mostCharacters = 40_000;

/** What was asked, with its defaults. */
type Asked = z.output<typeof input>;

/** The tool `list_files`. */
export function listFiles(reach: Reach): Tool<unknown> {
  const { left } = reach;
  return tool({
    name: 'list_files',
    description:
      'Lists what a folder holds: folders end in "/", files come with their size. Sorted by name.' +
      (left === '' ? '' : ` Leaves out ${left}.`),
    inputSchema: input,
    effect: 'read',
    execute: (asked: Asked, { signal }) => list(reach, asked, signal),
  });
}

async function list(reach: Reach, asked: Asked, signal: AbortSignal): Promise<string> {
  const from = await find(reach, asked.path);
  if (!(await isFolder(from))) {
    throw new ToolError(`${shown(from.path)} is a file; read_file reads it.`);
  }
  const wanted = filter(asked, from.path);
  const page: Entry[] = [];
  let fitting = 0;
  let looked = 0;
  const deep = asked.recursive || asked.glob !== undefined;
  for await (const entry of walk(reach, from, { deep, signal })) {
    looked++;
    if (looked > mostEntries) break;
    if (!wanted(entry)) continue;
    if (fitting >= asked.offset && page.length < asked.limit) page.push(entry);
    fitting++;
  }
  const lines: string[] = [];
  let characters = 0;
  for (const entry of page) {
    signal.throwIfAborted();
    const line = await describe(reach, entry);
    characters += line.length;
    if (characters > mostCharacters && lines.length > 0) break;
    lines.push(line);
  }
  const told = lines.length;
  if (looked > mostEntries) {
    const most = count(mostEntries, 'entry', 'entries');
    lines.unshift(`Only the first ${most} were looked at; name a folder further in to see others.`);
  }
  return [heading(asked, from.path, { fitting, told, looked }), ...lines].join('\n');
}

/** With a glob, files only, held against their path from the folder that was asked about. */
function filter(asked: Asked, from: string): (entry: Entry) => boolean {
  if (asked.glob === undefined) return () => true;
  const fits = glob(asked.glob);
  const skip = from === '.' ? 0 : from.length + 1;
  return ({ kind, path }) => kind !== 'folder' && kind !== 'closed' && fits(path.slice(skip));
}

interface Found {
  readonly fitting: number;
  readonly told: number;
  readonly looked: number;
}

function heading(asked: Asked, path: string, { fitting, told, looked }: Found): string {
  const folder = path === '.' ? 'The root' : shown(path);
  if (fitting === 0 && asked.glob !== undefined) {
    const among = count(looked, 'entry', 'entries');
    return `${folder} holds no file that fits ${shown(asked.glob)}, among ${among}.`;
  }
  if (fitting === 0) return `${folder} holds nothing to list.`;
  const all =
    asked.glob === undefined ? count(fitting, 'entry', 'entries') : count(fitting, 'file');
  if (told === 0) return `${folder} holds ${all}; there is none after offset ${asked.offset}.`;
  const which = asked.glob === undefined ? '' : ` for ${shown(asked.glob)}`;
  if (told === fitting) return `${folder} holds ${all}${which}:`;
  const end = asked.offset + told;
  const rest = end < fitting ? ` The rest: offset ${end}.` : '';
  return `${folder} holds ${all}${which}. These are ${asked.offset + 1} to ${end}.${rest}`;
}

async function describe(reach: Reach, entry: Entry): Promise<string> {
  const name = named(entry.path);
  if (entry.kind === 'folder') return `${name}/`;
  if (entry.kind === 'denied') return `${name}  (denied)`;
  if (entry.kind === 'closed') return `${name}/  (cannot be read)`;
  if (entry.kind === 'other') return `${name}  (neither a file nor a folder)`;
  const isLink = entry.kind === 'link';
  try {
    const seen = await statOf(isLink ? await find(reach, entry.path) : entry);
    const link = isLink ? '  (a link)' : '';
    return seen.isDirectory() ? `${name}/${link}` : `${name}  ${count(seen.size, 'byte')}${link}`;
  } catch {
    return `${name}  (${isLink ? 'a link that leads nowhere inside the root' : 'cannot be read'})`;
  }
}

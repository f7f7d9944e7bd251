import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { breather } from './breather.ts';
import { glob } from './glob.ts';
import type { Matcher } from './glob.ts';
import { lineMatcher } from './line-matcher.ts';
import type { Fit, LineMatcher } from './line-matcher.ts';
import { encodingOf, pieces } from './pieces.ts';
import type { Place, Reach } from './place.ts';
import { find, isFolder, openFile } from './root.ts';
import { count, inWords, named, shown } from './trouble.ts';
import { mostEntries, walk } from './walk.ts';

/** A longer page ends early, well before core would cut it. */
const pageCharacters = 40_000;

const input = z.object({
  text: z
    .string()
    .min(1)
    .max(500)
    .describe('The words to look for, as they are, or with regex a regular expression.'),
  path: z.string().default('.').describe('The folder or file to look in, relative to the root.'),
  glob: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Only in files that fit: "*.md", "src/**/*.{ts,js}".'),
  regex: z
    .boolean()
    .default(false)
    .describe('Whether text is a regular expression (RE2: no lookaround, no backreferences).'),
  ignoreCase: z.boolean().default(false).describe('Whether A and a are the same.'),
  offset: z.int().min(0).default(0).describe('How many matching lines to leave out at the start.'),
  limit: z.int().min(1).max(500).default(100).describe('How many matching lines to tell at most.'),
});

/** What was asked, with its defaults. */
type Asked = z.output<typeof input>;

/** The tool `search_files`. */
export function searchFiles(reach: Reach): Tool<unknown> {
  const { left } = reach;
  return tool({
    name: 'search_files',
    description:
      'Finds the lines that hold a text, in all files of a folder and its folders, as "path:line: text". ' +
      'The text is looked for as it is, or as a regular expression. Leaves out binary files' +
      (left === '' ? '.' : ` and ${left}.`),
    inputSchema: input,
    effect: 'read',
    execute: (asked: Asked, { signal }) => search(reach, asked, signal),
  });
}

async function search(reach: Reach, asked: Asked, signal: AbortSignal): Promise<string> {
  if (/[\r\n]/.test(asked.text)) {
    throw new ToolError('search_files looks at one line at a time: leave out the line break.');
  }
  const tally: Tally = {
    files: 0,
    binary: 0,
    closed: 0,
    denied: 0,
    characters: 0,
    stopped: undefined,
  };
  const lines: string[] = [];
  let found = 0;
  let room = pageCharacters;
  const matcher = await lineMatcher(asked);
  for await (const hit of allHits(reach, asked, { signal, tally, matcher })) {
    found++;
    if (found <= asked.offset) continue;
    room -= hit.length;
    if (lines.length === asked.limit || (room < 0 && lines.length > 0)) break;
    lines.push(hit);
  }
  return [heading(asked, { found, told: lines.length, tally }), ...lines].join('\n');
}

/** What a search has met so far. */
interface Tally {
  files: number;
  binary: number;
  closed: number;
  denied: number;
  characters: number;
  /** Why the search ended before it had seen everything. */
  stopped: string | undefined;
}

interface Course {
  readonly signal: AbortSignal;
  readonly tally: Tally;
  readonly matcher: LineMatcher;
}

async function* allHits(reach: Reach, asked: Asked, course: Course): AsyncGenerator<string> {
  for await (const place of candidates(reach, asked, course)) {
    yield* hits(place, course);
    if (course.tally.stopped !== undefined) return;
  }
}

/** The file that was asked about, or the files of the folder. A link in it is left out: what it leads to is met anyway. */
async function* candidates(
  reach: Reach,
  asked: Asked,
  { signal, tally }: Course,
): AsyncGenerator<Place> {
  const from = await find(reach, asked.path);
  if (!(await isFolder(from))) {
    // Among many files one that cannot be opened is counted; alone it is an error.
    await (await openFile(from)).close();
    yield from;
    return;
  }
  const fits: Matcher = asked.glob === undefined ? () => true : glob(asked.glob);
  const skip = from.path === '.' ? 0 : from.path.length + 1;
  let looked = 0;
  for await (const entry of walk(reach, from, { deep: true, signal })) {
    looked++;
    if (looked > mostEntries) {
      tally.stopped = `after ${count(mostEntries, 'entry', 'entries')}`;
      return;
    }
    if (entry.kind === 'closed') tally.closed++;
    if (entry.kind === 'denied') tally.denied++;
    if (entry.kind === 'file' && fits(entry.path.slice(skip))) yield entry;
  }
}

/** The lines of one file that hold the text, as the model reads them. */
async function* hits(place: Place, course: Course): AsyncGenerator<string> {
  const { tally, signal, matcher } = course;
  const handle = await openFile(place).catch(() => undefined);
  if (handle === undefined) tally.closed++;
  if (handle === undefined) return;
  try {
    const encoding = await encodingOf(handle);
    tally[encoding === undefined ? 'binary' : 'files']++;
    if (encoding === undefined) return;
    const match = matcher.forFile();
    const breathe = breather(signal);
    for await (const batch of pieces(handle, encoding, signal)) {
      for (const piece of batch) {
        const pause = breathe();
        if (pause !== undefined) await pause; // a promise for each line would be most of the work
        tally.characters += piece.text.length;
        const fit = match(piece);
        if (fit !== undefined) yield `${named(place.path)}:${piece.line}: ${around(fit)}`;
      }
      if (tally.characters > matcher.mostCharacters) {
        const most = Math.round(matcher.mostCharacters / 1e6);
        tally.stopped = `in ${shown(place.path)}, after ${most} million characters`;
        return;
      }
    }
  } catch (error) {
    throw inWords(error, place.path);
  } finally {
    await handle.close();
  }
}

/** The line, or of a long line what stands around the match. */
function around({ line, at, length }: Fit): string {
  const text = line.replace(/[\r\n]+$/, '');
  if (text.length <= 300) return text;
  const from = at < 100 ? 0 : at - 80;
  const to = Math.min(text.length, at + length + 180);
  return (from > 0 ? '…' : '') + whole(text.slice(from, to)) + (to < text.length ? '…' : '');
}

/** Without halves of letters at either end. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}

interface Outcome {
  readonly found: number;
  readonly told: number;
  readonly tally: Tally;
}

function heading(asked: Asked, { found, told, tally }: Outcome): string {
  const text = shown(asked.text);
  const notes: string[] = [];
  const end = asked.offset + told;
  if (found > end && told > 0) notes.push(`There are more: offset ${end}.`);
  if (tally.binary > 0) notes.push(`${count(tally.binary, 'binary file')} left out.`);
  if (tally.denied > 0) {
    const left = count(tally.denied, 'denied file or folder', 'denied files or folders');
    notes.push(`${left} left out.`);
  }
  if (tally.closed > 0)
    notes.push(`${count(tally.closed, 'file or folder', 'files or folders')} could not be read.`);
  if (tally.stopped !== undefined) {
    notes.push(`The search stopped ${tally.stopped}; ask for a folder further in, or give a glob.`);
  }
  if (found === 0 && !asked.regex && /[\\^$|]|[.)\]][*+?]/.test(asked.text)) {
    notes.push('The text was looked for as it is; set regex for a regular expression.');
  }
  const places = `in ${count(tally.files, 'file')}`;
  if (found === 0) return [`No line holds ${text}, ${places}.`, ...notes].join(' ');
  if (told === 0) {
    const lines = count(found, 'matching line');
    return [`There are ${lines} for ${text}, none after offset ${asked.offset}.`, ...notes].join(
      ' ',
    );
  }
  const isPage = asked.offset > 0 || found > end;
  const lines = isPage
    ? `Matching lines ${asked.offset + 1} to ${end}`
    : count(told, 'matching line');
  return [`${lines} for ${text}, ${places}.`, ...notes].join(' ');
}

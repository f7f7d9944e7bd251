import { tool, ToolError } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { encodingOf, pieces } from './pieces.ts';
import type { Piece } from './pieces.ts';
import type { Place, Reach } from './place.ts';
import { find, openFile } from './root.ts';
import { runOf } from './seen-files.ts';
import type { SeenFiles } from './seen-files.ts';
import { count, inWords, named, shown } from './trouble.ts';
import { allBytes, mostBytes } from './whole-text.ts';

/** The most characters of a file that one call tells. */
const mostCharacters = 30_000;
/** So much of a file is read on the way to the line that was asked for, and hardly more. */
const mostPassed = 250_000_000;

const input = z.object({
  path: z.string().describe('The file, relative to the root.'),
  offset: z.int().min(1).default(1).describe('The first line to read, counted from 1.'),
  limit: z.int().min(1).max(10_000).default(1_000).describe('How many lines to read at most.'),
  column: z
    .int()
    .min(1)
    .default(1)
    .describe(
      'Where in the first line to begin, counted from 1: for the rest of a very long line.',
    ),
});

/** What was asked, with its defaults. */
type Asked = z.output<typeof input>;

/** The tool `read_file`. */
export function readFile(reach: Reach, seen: SeenFiles | undefined): Tool<unknown> {
  return tool({
    name: 'read_file',
    description:
      'Reads a text file. The first line of the result says which lines follow and how to get the rest; ' +
      'the text follows it as it is in the file.',
    inputSchema: input,
    effect: 'read',
    execute: async (asked: Asked, scope) => {
      const place = await find(reach, asked.path);
      const handle = await openFile(place);
      try {
        const encoding = await encodingOf(handle);
        const { size } = await handle.stat();
        if (encoding === undefined) throw binary(place, size);
        // All of it before the page: what is written between the two is found to be changed then.
        const bytes = seen === undefined || size > mostBytes ? undefined : await allBytes(handle);
        const excerpt = await take(pieces(handle, encoding, scope.signal), asked);
        if (bytes !== undefined) seen?.note(runOf(scope), place.real, bytes);
        return tell(place, asked, { ...excerpt, size });
      } catch (error) {
        throw inWords(error, place.path);
      } finally {
        await handle.close();
      }
    },
  });
}

function binary(place: Place, size: number): ToolError {
  return new ToolError(
    `${shown(place.path)} is a binary file of ${count(size, 'byte')}; only text can be read.`,
  );
}

/** What was read of a file. */
interface Excerpt {
  readonly text: string;
  /** The last line there is something of in `text`, or the last of the file when `text` is empty. */
  readonly lastLine: number;
  /** Where the next call must begin; nothing at the end of the file. */
  readonly next: Pick<Piece, 'line' | 'column'> | undefined;
}

/** Takes no more of the file than it needs to know what comes next. */
async function take(
  batches: AsyncIterable<readonly Piece[]>,
  { offset, limit, column }: Asked,
): Promise<Excerpt> {
  let text = '';
  let lastLine = 0;
  let passed = 0;
  for await (const batch of batches) {
    for (const piece of batch) {
      const { line } = piece;
      passed += piece.text.length;
      if (passed > mostPassed) throw tooFar(line);
      if (line >= offset + limit) return { text, lastLine, next: { line, column: 1 } };
      lastLine = line;
      if (line < offset) continue;
      // Every line has at least its end: nothing taken of the first means that the column lies behind it.
      if (line > offset && text === '') return { text, lastLine, next: undefined };
      const skip = line === offset ? Math.max(0, column - piece.column) : 0;
      const rest = piece.text.slice(skip);
      if (rest.length <= mostCharacters - text.length) {
        text += rest;
        continue;
      }
      // A line that has room in the next call is not torn.
      const begins = piece.column + skip;
      if (text !== '' && begins === 1)
        return { text, lastLine: line - 1, next: { line, column: 1 } };
      const part = whole(rest.slice(0, mostCharacters - text.length));
      return { text: text + part, lastLine, next: { line, column: begins + part.length } };
    }
  }
  return { text, lastLine, next: undefined };
}

function tooFar(line: number): ToolError {
  const most = `${mostPassed / 1e6} million characters`;
  return new ToolError(`Only the first ${most} of a file are read; they end in line ${line}.`);
}

/** Without the first half of a letter whose second half has been cut off. */
function whole(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

function tell(place: Place, asked: Asked, excerpt: Excerpt & { readonly size: number }): string {
  const { text, lastLine, next, size } = excerpt;
  const { offset, column } = asked;
  if (lastLine === 0) return `${named(place.path)}: an empty file.`;
  if (text === '' && lastLine < offset) {
    throw new ToolError(
      `${shown(place.path)} has ${count(lastLine, 'line')}; there is no line ${offset}.`,
    );
  }
  if (text === '') {
    throw new ToolError(`Line ${offset} of ${shown(place.path)} ends before column ${column}.`);
  }
  const from = column > 1 ? `line ${offset} from column ${column}` : `line ${offset}`;
  const lines = lastLine > offset ? `${from} to line ${lastLine}` : from;
  const head = `${named(place.path)}: ${lines}`;
  if (next === undefined)
    return `${head}, ${offset === 1 && column === 1 ? 'the whole file' : 'to the end of the file'}.\n${text}`;
  const where =
    next.column > 1 ? `offset ${next.line}, column ${next.column}` : `offset ${next.line}`;
  return `${head} of a file of ${count(size, 'byte')}. It goes on at ${where}.\n${text}`;
}

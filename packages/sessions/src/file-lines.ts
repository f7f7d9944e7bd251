import { ThroughlineError } from '@throughline/core';
import type { SessionLine } from '@throughline/core';
import { getLarge } from './large.ts';
import { readLines } from './read-lines.ts';
import { largeOf, pathOf, readHeader, toHeader } from './session-file.ts';
import { codeOf, storageError } from './storage-error.ts';

/** Lines of one file, and where they end in it. */
export interface FileLines {
  readonly lines: readonly SessionLine[];
  readonly endsAt: number;
}

/** Where to read. */
export interface FilePlace {
  readonly dir: string;
  readonly id: string;
  /** Bytes; the file may be longer. */
  readonly to?: number | undefined;
  /** Where a line begins, in bytes; default: the file's header. */
  readonly from?: number;
}

/** The lines of a session's own file, without its parent's. Their form is for the session to check. */
export async function* ownLines(place: FilePlace): AsyncGenerator<FileLines> {
  const { dir, id, to, from = 0 } = place;
  const path = pathOf(dir, id);
  let number = 0;
  /** A reader that begins in the middle does not know the line's number in the file. */
  const nameOfLine = () =>
    from === 0 ? `a line ${number} in its file` : `a line behind byte ${from} of its file`;
  try {
    for await (const { texts, endsAt } of readLines(path, to, from)) {
      const lines: SessionLine[] = [];
      for (const text of texts) {
        number++;
        if (number === 1 && from === 0) toHeader(text, path, id);
        else lines.push((await readLine(place, text, nameOfLine())) as SessionLine);
      }
      yield { lines, endsAt };
    }
  } catch (error) {
    throw storageError(`The session "${id}" cannot be read`, path, error);
  }
}

/** How a reader without a lock reads. */
export interface TailOptions {
  /** The `endsAt` of an earlier read: only what was stored since is read. */
  readonly from?: number;
}

/** Some lines, as a reader without a lock sees them. */
export interface StoredLines {
  readonly lines: readonly SessionLine[];
  /** Where they end in the session's file, in bytes: there a later read goes on. 0 for lines of a parent. */
  readonly endsAt: number;
}

/** The lines of a session, its parents' first where `fromSeq` is among them, for a reader that holds no lock. */
export async function* storedLines(
  place: FilePlace,
  { from = 0, fromSeq = 1 }: TailOptions & { readonly fromSeq?: number } = {},
): AsyncGenerator<StoredLines> {
  const { dir, id } = place;
  const path = pathOf(dir, id);
  const header = await readHeader(path, id).catch((error: unknown) => {
    throw storageError(`The session "${id}" cannot be read`, path, error);
  });
  if (header === undefined) {
    throw new ThroughlineError('session_not_found', `There is no session "${id}".`);
  }
  if (from === 0 && header.parent !== undefined && fromSeq <= header.parent.seq) {
    for await (const lines of parentLines(dir, header.parent)) yield { lines, endsAt: 0 };
  }
  yield* ownLines({ ...place, from });
}

/** All lines of the session's parents, the oldest first, up to the line `seq` of `id`. */
export async function* parentLines(
  dir: string,
  { id, seq }: { readonly id: string; readonly seq: number },
  children: readonly string[] = [],
): AsyncGenerator<readonly SessionLine[]> {
  if (children.includes(id)) throw garbled({ dir, id }, 'is a fork of itself');
  const header = await readHeader(pathOf(dir, id), id);
  if (header === undefined) {
    throw garbled({ dir, id }, 'is gone, though another session is forked from it');
  }
  let last = 0;
  if (header.parent !== undefined) {
    last = Math.min(seq, header.parent.seq);
    yield* parentLines(dir, { id: header.parent.id, seq: last }, [...children, id]);
  }
  if (last === seq) return;
  for await (const { lines } of ownLines({ dir, id })) {
    const wanted = lines.filter((line) => line?.seq <= seq);
    last = wanted.at(-1)?.seq ?? last;
    yield wanted;
    if (last >= seq) return;
  }
  throw garbled({ dir, id }, `ends at line ${last}, before line ${seq}, where another is forked`);
}

async function readLine(place: FilePlace, text: string, line: string): Promise<unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text) as unknown;
  } catch (cause) {
    const why = (cause as Error).message;
    throw garbled(place, `has ${line} that is not JSON (${why})`);
  }
  try {
    return await getLarge(largeOf(place.dir, place.id), parsed);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw garbled(place, `has lost what ${line} refers to: ${String(cause)}`);
  }
}

function garbled({ dir, id }: FilePlace, why: string): ThroughlineError {
  return new ThroughlineError(
    'session_corrupt',
    `The session "${id}" ${why}. Path: ${pathOf(dir, id)}. Nothing was changed.`,
  );
}

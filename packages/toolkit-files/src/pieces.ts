import type { FileHandle } from 'node:fs/promises';

/** A line, with what ends it, or a part of a very long line. */
export interface Piece {
  /** From 1. */
  readonly line: number;
  /** Where in its line the piece begins, in UTF-16 units from 1. */
  readonly column: number;
  readonly text: string;
}

const chunkBytes = 65_536;
const longestPiece = 65_536;

/** How the text of an open file is encoded; nothing when its first bytes are no text. */
export async function encodingOf(handle: FileHandle): Promise<string | undefined> {
  const buffer = Buffer.alloc(8_192);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return 'utf-16le';
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return 'utf-16be';
  return buffer.subarray(0, bytesRead).includes(0) ? undefined : 'utf-8';
}

/**
 * The text of an open file in batches of lines, read in chunks: the memory it takes does not depend on the file.
 * Bytes that are no text in `encoding` become U+FFFD.
 */
export async function* pieces(
  handle: FileHandle,
  encoding: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Piece[]> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const decoder = new TextDecoder(encoding);
  const cut = cutter();
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, null);
    if (bytesRead === 0) break;
    const batch = cut(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }), false);
    if (batch.length > 0) yield batch;
  }
  const last = cut(decoder.decode(), true);
  if (last.length > 0) yield last;
}

/** Cuts text that comes in chunks into lines, and lines that do not end into parts. */
function cutter(): (text: string, isLast: boolean) => readonly Piece[] {
  let line = 1;
  let column = 1;
  let kept = '';
  return (text, isLast) => {
    const batch: Piece[] = [];
    const all = kept + text;
    let from = 0;
    for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', from)) {
      batch.push({ line, column, text: all.slice(from, end + 1) });
      line++;
      column = 1;
      from = end + 1;
    }
    kept = all.slice(from);
    if (kept.length > longestPiece || (isLast && kept !== '')) {
      batch.push({ line, column, text: kept });
      column += kept.length;
      kept = '';
    }
    return batch;
  };
}

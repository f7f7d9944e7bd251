import { ThroughlineError } from '@throughline/core';
import { openPrivate } from './private-file.ts';

/** Some whole lines of a file. */
export interface LineBatch {
  readonly texts: readonly string[];
  /** Where the first of them begins, in bytes. */
  readonly startsAt: number;
  /** Where the last of them ends, its line feed included. */
  readonly endsAt: number;
}

/** How much of a file is in memory at a time. */
const chunkBytes = 1024 * 1024;

/** No line of ours is as long as this. */
const longestLine = 64 * chunkBytes;

/**
 * Reads the whole lines of a file, up to the byte `to`, in chunks of a megabyte. What stands behind the last
 * line feed is not told. `from` is where a line begins. Throws `session_corrupt` for bytes that are no text.
 */
export async function* readLines(
  path: string,
  to = Number.POSITIVE_INFINITY,
  from = 0,
): AsyncGenerator<LineBatch, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const file = await openPrivate(path, 'read');
  try {
    let buffer: Buffer = Buffer.allocUnsafe(chunkBytes);
    let filled = 0;
    for (let startsAt = from; ;) {
      if (filled > longestLine) throw corrupt(path, `holds no line feed in ${filled} bytes`);
      if (filled === buffer.length) buffer = larger(buffer); // a line longer than a chunk
      const length = Math.min(buffer.length - filled, to - startsAt - filled);
      if (length <= 0) return;
      const { bytesRead } = await file.read(buffer, filled, length, startsAt + filled);
      if (bytesRead === 0) return;
      const end = buffer.subarray(0, filled + bytesRead).lastIndexOf(0x0a) + 1;
      filled += bytesRead;
      if (end === 0) continue;
      const texts = decode(decoder, buffer.subarray(0, end - 1), path).split('\n');
      yield { texts, startsAt, endsAt: startsAt + end };
      buffer.copyWithin(0, end, filled);
      filled -= end;
      startsAt += end;
    }
  } finally {
    await file.close();
  }
}

/** The first line, if it is whole and in the first kilobytes. */
export async function firstLine(path: string): Promise<string | undefined> {
  const file = await openPrivate(path, 'read');
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(8 * 1024), position: 0 });
    const end = buffer.subarray(0, bytesRead).indexOf(0x0a);
    return end === -1 ? undefined : buffer.toString('utf8', 0, end);
  } finally {
    await file.close();
  }
}

/** The last whole line, read from the end. Undefined where there is none. */
export async function lastLine(path: string): Promise<string | undefined> {
  const file = await openPrivate(path, 'read');
  try {
    const { size } = await file.stat();
    for (let window = 64 * 1024; ; window *= 4) {
      const from = Math.max(0, size - window);
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(size - from),
        position: from,
      });
      const read = buffer.subarray(0, bytesRead);
      const end = read.lastIndexOf(0x0a);
      const begin = end <= 0 ? -1 : read.lastIndexOf(0x0a, end - 1);
      if (begin !== -1 || from === 0) {
        return end === -1 ? undefined : read.toString('utf8', begin + 1, end);
      }
    }
  } finally {
    await file.close();
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer, path: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw corrupt(path, 'holds bytes that are no UTF-8');
  }
}

function corrupt(path: string, why: string): ThroughlineError {
  return new ThroughlineError('session_corrupt', `${path} ${why}. Nothing was changed.`);
}

function larger(buffer: Buffer): Buffer {
  const grown = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(grown);
  return grown;
}

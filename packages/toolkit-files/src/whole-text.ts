import type { FileHandle } from 'node:fs/promises';
import { ToolError } from '@throughline/core';
import type { Place } from './place.ts';
import { count, shown } from './trouble.ts';

/** A file of more bytes is neither edited nor replaced. */
export const mostBytes = 10_000_000;

/** How the characters of a text are written as bytes. A byte order mark is a part of the text. */
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** All of a text file, and how it is written back. */
export interface WholeText {
  readonly bytes: Uint8Array;
  /** With its byte order mark, where it has one. */
  readonly text: string;
  readonly encoding: Encoding;
}

/** All bytes of an open file; nothing where there are more than `mostBytes`. Counts what it reads, since a size can be wrong. */
export async function allBytes(handle: FileHandle): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(65_536), 0, 65_536, length);
    if (bytesRead === 0) return Buffer.concat(parts);
    length += bytesRead;
    if (length > mostBytes) return undefined;
    parts.push(buffer.subarray(0, bytesRead));
  }
}

/**
 * The text of a file that is to be edited. Throws a ToolError for bytes that would not be the same again once they are written back:
 * an edit elsewhere in the file would damage them.
 */
export async function wholeText(handle: FileHandle, place: Place): Promise<WholeText> {
  const bytes = await allBytes(handle);
  if (bytes === undefined) throw tooLarge(place);
  const encoding = encodingIn(bytes);
  const text = decoded(bytes, encoding);
  if (text === undefined || text.includes('\0')) {
    throw new ToolError(
      `${shown(place.path)} is not all text (${encoding}), so it is not edited: bytes that are no text would be lost.`,
    );
  }
  return { bytes, text, encoding };
}

function tooLarge(place: Place): ToolError {
  return new ToolError(
    `${shown(place.path)} has more than ${count(mostBytes, 'byte')}; a file of that size is not edited.`,
  );
}

/** The bytes of a text. Throws a ToolError for half a letter, which has none. */
export function encoded(text: string, encoding: Encoding, of: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) {
    throw new ToolError(`${of} holds half of a letter (a lone surrogate), which no file can hold.`);
  }
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

export function encodingIn(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function decoded(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

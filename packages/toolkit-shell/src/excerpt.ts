import { visible } from './visible.ts';

/** A piece of output as text, and how many of the bytes it shows. */
export interface Excerpt {
  readonly text: string;
  readonly bytes: number;
}

/**
 * As much of the beginning of `bytes` as fits in `most` characters, up to the end of a line where there is one.
 * `isEnd` says that nothing follows them.
 */
export function firstOf(bytes: Buffer, most: number, isEnd: boolean): Excerpt {
  return shrink(bytes.length, most, (length) => {
    if (length === bytes.length && isEnd) return bytes;
    const whole = wholeCharacters(bytes.subarray(0, length));
    // A page of nothing would lead nowhere.
    const part = whole.length === 0 ? bytes.subarray(0, length) : whole;
    if (length === bytes.length) return part;
    const line = part.lastIndexOf(10) + 1;
    return line > part.length / 2 ? part.subarray(0, line) : part;
  });
}

/** As much of the end of `bytes` as fits in `most` characters, from the beginning of a line where there is one. */
export function lastOf(bytes: Buffer, most: number): Excerpt {
  return shrink(bytes.length, most, (length) => {
    const part = bytes.subarray(bytes.length - length);
    const whole = part.subarray(wholeStart(part));
    if (length === bytes.length) return whole;
    const line = whole.indexOf(10) + 1;
    return line < whole.length / 2 ? whole.subarray(line) : whole;
  });
}

/** Written out, a byte may become six characters, so what fits is found by trying. */
function shrink(all: number, most: number, cut: (length: number) => Buffer): Excerpt {
  for (let length = all; ;) {
    const part = cut(length);
    const text = visible(new TextDecoder('utf-8', { ignoreBOM: true }).decode(part));
    if (text.length <= most || length <= 1) return { text, bytes: part.length };
    length = Math.max(1, Math.min(length - 1, Math.floor((length * most) / text.length)));
  }
}

/** Without a character at the end that is not all there. */
export function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needs > back ? bytes.subarray(0, -back) : bytes;
  }
  return bytes;
}

/** How many bytes at the beginning belong to a character that began before. */
function wholeStart(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return at;
}

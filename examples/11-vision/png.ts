import { inflateSync } from 'node:zlib';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, 0 to 255. */
  at(x: number, y: number): readonly [number, number, number];
}

/** The pixels of a PNG with 8 bits a channel, in colour, not interlaced. Throws for another. */
export function readPng(bytes: Buffer): Picture {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') throw new Error('The script reads PNG only.');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const [depth, colour, , , interlaced] = bytes.subarray(24, 29);
  const size = colour === 6 ? 4 : 3;
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlaced !== 0) {
    throw new Error('The script reads PNG with 8 bits a channel, in colour, not interlaced.');
  }
  const packed: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') packed.push(data);
  }
  const pixels = unfiltered(inflateSync(Buffer.concat(packed)), {
    row: width * size,
    size,
    height,
  });
  return {
    width,
    height,
    at(x, y) {
      const from = (y * width + x) * size;
      return [pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0];
    },
  };
}

interface Shape {
  /** Bytes of a row, and of a pixel. */
  readonly row: number;
  readonly size: number;
  readonly height: number;
}

/** Each row begins with the number of its filter: what the bytes were subtracted from (PNG, 9.2). */
function unfiltered(raw: Buffer, { row, size, height }: Shape): Buffer {
  const out = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x++) {
      const at = y * row + x;
      const left = x >= size ? (out[at - size] ?? 0) : 0;
      const up = y > 0 ? (out[at - row] ?? 0) : 0;
      const corner = x >= size && y > 0 ? (out[at - row - size] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter] ?? 0;
      out[at] = ((raw[y * (row + 1) + 1 + x] ?? 0) + guess) & 255;
    }
  }
  return out;
}

/** The Paeth predictor. */
function nearest(left: number, up: number, corner: number): number {
  const sum = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(sum - value)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

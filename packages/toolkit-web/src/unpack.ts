import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Trouble } from './trouble.ts';

/** There since Node 22.15. */
export const createZstdDecompress = (zlib as { createZstdDecompress?: () => Transform })
  .createZstdDecompress;

/**
 * The stream that unpacks a body with this `content-encoding`; nothing where it is not packed.
 * One packing is taken: more of them are the usual way to hide a bomb.
 */
export function unpackerFor(contentEncoding: string | undefined): Transform | undefined {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length > 1) throw new Trouble('nested encoding');
  if (name === 'gzip' || name === 'x-gzip') return zlib.createGunzip();
  if (name === 'br') return zlib.createBrotliDecompress();
  if (name === 'deflate') return zlib.createInflate();
  if (name === 'zstd' && createZstdDecompress !== undefined) return createZstdDecompress();
  throw new Trouble('unknown encoding');
}

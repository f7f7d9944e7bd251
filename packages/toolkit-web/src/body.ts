import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Trouble } from './trouble.ts';
import { unpackerFor } from './unpack.ts';

/** How much of a body is wanted, and what happens to one that is longer. */
export interface BodyBound {
  readonly bytes: number;
  readonly longer: 'refuse' | 'cut';
}

/**
 * The bytes of a body, unpacked. They are counted as they come, so that neither a false `content-length` nor a
 * small packing that unpacks to gigabytes takes more memory than `bound` and a chunk.
 */
export async function readBody(
  response: IncomingMessage,
  bound: BodyBound,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > bound.bytes) return;
    }
  };
  const unpacker = unpackerFor(response.headers['content-encoding']);
  let falsePacking: Error | undefined;
  unpacker?.once('error', (error) => {
    if (!response.errored) falsePacking = error;
  });
  try {
    if (unpacker === undefined) await pipeline(response, collect, { signal });
    else await pipeline(response, unpacker, collect, { signal });
  } catch (error) {
    signal.throwIfAborted();
    // Whoever stops reading early is told by the pipeline that it broke.
    if (size <= bound.bytes) {
      throw falsePacking === undefined
        ? error
        : new Trouble('false encoding', { cause: falsePacking });
    }
  } finally {
    response.destroy();
  }
  if (size > bound.bytes && bound.longer === 'refuse') throw new Trouble('too big');
  return Buffer.concat(chunks, Math.min(size, bound.bytes));
}

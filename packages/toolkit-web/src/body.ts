import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
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
  const unpacker = unpackerFor(response.headers['content-encoding']);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of unpackedBy(unpacker, response, signal)) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > bound.bytes) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    const isPacking = unpacker !== undefined && response.errored === null;
    throw isPacking ? new Trouble('false encoding', { cause: error }) : error;
  } finally {
    unpacker?.destroy();
    response.destroy();
  }
  if (size > bound.bytes && bound.longer === 'refuse') throw new Trouble('too big');
  return Buffer.concat(chunks, Math.min(size, bound.bytes));
}

/** By hand: `pipeline` does not settle on Node 24 when its reader leaves a response early. */
function unpackedBy(
  unpacker: Transform | undefined,
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  if (unpacker !== undefined) {
    response.on('error', (error) => unpacker.destroy(error));
    response.pipe(unpacker);
  }
  const stream = unpacker ?? response;
  const stop = () => stream.destroy(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  stream.on('close', () => signal.removeEventListener('abort', stop));
  return stream;
}

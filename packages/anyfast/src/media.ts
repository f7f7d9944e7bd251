import { open } from 'node:fs/promises';
import { ThroughlineError } from '@throughline/core';
import type { ImagePart, VideoPart } from '@throughline/core';
import { mediaTypeOf } from './media-type.ts';

/** What may be passed on as a picture or a video. */
export interface MediaOptions {
  /**
   * The most bytes a file may have. Default: 70,000,000, since base64 adds a third and the endpoint takes
   * requests of 100 MB. Some gateways take only 2 MB.
   */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 70_000_000;

/**
 * A message part with the picture or video of a file (a path or `file:` URL) or of bytes, as a `data:` URL. What
 * it is, is read from its first bytes, not from its name. Rejects with `invalid_input` for what is neither, for
 * an empty or too large file, and for one that cannot be read.
 */
export async function mediaPart(
  source: string | URL | Uint8Array,
  { maxBytes = defaultMaxBytes }: MediaOptions = {},
): Promise<ImagePart | VideoPart> {
  const what = source instanceof Uint8Array ? 'These bytes' : `The file ${String(source)}`;
  const bytes = source instanceof Uint8Array ? source : await read(source, { what, maxBytes });
  if (bytes.length === 0) throw unfit(`${what} cannot be sent: there is nothing in it.`);
  refuseLarge(bytes.length, { what, maxBytes });
  const type = mediaTypeOf(bytes);
  if (type === undefined) {
    const taken = 'PNG, JPEG, GIF, WebP, BMP and HEIC, and of the usual video formats';
    throw unfit(
      `${what} cannot be sent: the endpoint takes pictures of ${taken}, and this is none.`,
    );
  }
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const url = `data:${type};base64,${base64}`;
  return type.startsWith('image/')
    ? { type: 'image_url', image_url: { url } }
    : { type: 'video_url', video_url: { url } };
}

interface Limit {
  readonly what: string;
  readonly maxBytes: number;
}

/** Its size is looked at before it is read: it may be a disk image. */
async function read(path: string | URL, limit: Limit): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw unfit(`${limit.what} cannot be sent: it is no file.`);
      refuseLarge(stat.size, limit);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ThroughlineError('invalid_input', `${limit.what} cannot be read: ${why}.`, { cause });
  }
}

function refuseLarge(size: number, { what, maxBytes }: Limit): void {
  if (size <= maxBytes) return;
  throw unfit(
    `${what} cannot be sent: it has ${size} bytes, and ${maxBytes} are allowed (maxBytes).`,
  );
}

function unfit(message: string): ThroughlineError {
  return new ThroughlineError('invalid_input', message);
}

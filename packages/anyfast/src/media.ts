import { ThroughlineError } from '@throughline/core';
import type { ImagePart, VideoPart } from '@throughline/core';

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
  if (bytes.length === 0) throw unfit(`${what} cannot be sent: it is empty.`);
  refuseLarge(bytes.length, { what, maxBytes });
  const type = mediaTypeOf(bytes);
  if (type === undefined) {
    const taken = 'PNG, JPEG, GIF, WebP, BMP and HEIC, and of the usual video formats';
    throw unfit(
      `${what} cannot be sent: the endpoint takes pictures of ${taken}, and this is neither.`,
    );
  }
  const url = `data:${type};base64,${toBase64(bytes)}`;
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
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  const fs = process?.getBuiltinModule?.('node:fs/promises');
  if (fs === undefined) {
    throw unfit(
      `${limit.what} cannot be read: there are no files on this platform. Pass its bytes.`,
    );
  }
  try {
    const file = await fs.open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw unfit(`${limit.what} cannot be sent: it is not a file.`);
      refuseLarge(stat.size, limit);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ThroughlineError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThroughlineError('invalid_input', `${limit.what} cannot be read: ${reason}.`, {
      cause,
    });
  }
}

/** So many bytes at once, a multiple of three: a call takes only so many arguments. */
const slice = 24_576;

function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += slice) {
    pieces.push(btoa(inLatin1(bytes.subarray(at, at + slice))));
  }
  return pieces.join('');
}

function inLatin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
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
/** What the endpoint takes as a picture or a video (Moonshot's documentation of vision models). */
export type MediaType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/webp'
  | 'image/bmp'
  | 'image/heic'
  | 'video/mp4'
  | 'video/mpeg'
  | 'video/quicktime'
  | 'video/x-msvideo'
  | 'video/x-flv'
  | 'video/webm'
  | 'video/x-ms-wmv'
  | 'video/3gpp';
/** The type of a file from its first bytes, which do not lie as names do; undefined for any other. */
export function mediaTypeOf(bytes: Uint8Array): MediaType | undefined {
  const text = inLatin1(bytes.subarray(0, 64));
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif';
  if (text.startsWith('BM')) return 'image/bmp';
  if (text.startsWith('FLV\x01')) return 'video/x-flv';
  if (text.startsWith('\x1a\x45\xdf\xa3')) return 'video/webm';
  if (text.startsWith('\x30\x26\xb2\x75\x8e\x66\xcf\x11')) return 'video/x-ms-wmv';
  if (text.startsWith('\x00\x00\x01\xba') || text.startsWith('\x00\x00\x01\xb3'))
    return 'video/mpeg';
  if (text.startsWith('RIFF')) return riffType(text.slice(8, 12));
  return text.slice(4, 8) === 'ftyp' ? brandType(text.slice(8, 12)) : undefined;
}
function riffType(form: string): MediaType | undefined {
  if (form === 'WEBP') return 'image/webp';
  return form === 'AVI ' ? 'video/x-msvideo' : undefined;
}
/** The ISO container holds pictures and videos; its brand says which. */
function brandType(brand: string): MediaType | undefined {
  if (/^(hei[cxms]|hev[cx]|mif1|msf1)$/.test(brand)) return 'image/heic';
  if (brand.startsWith('avi')) return undefined;
  if (brand === 'qt  ') return 'video/quicktime';
  return brand.startsWith('3g') ? 'video/3gpp' : 'video/mp4';
}

/** What the endpoint takes as a picture or a video (contract, section 1.2). */
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
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(64, bytes.length)).toString(
    'latin1',
  );
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

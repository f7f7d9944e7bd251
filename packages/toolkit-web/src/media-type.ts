/** What a body is, as far as it matters here: how it is read, or why it is not. */
export type Kind = 'html' | 'json' | 'text' | 'pdf' | 'binary';

/**
 * Judges by the bytes where they leave no doubt, then by the `content-type`, and by the bytes again where that says
 * nothing. A picture that is called a page is no page, and a page that is called a picture is not read as one.
 */
export function kindOf(bytes: Uint8Array, contentType: string | undefined): Kind {
  const start = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1');
  if (start.startsWith('%PDF-')) return 'pdf';
  if (binaryStart.test(start)) return 'binary';
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/pdf') return 'pdf';
  if (/^(image|audio|video|font)[/]/.test(type) && type !== 'image/svg+xml') return 'binary';
  if (hasNul(bytes)) return 'binary';
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html';
  if (/^application[/]json$|[+/]json$/.test(type)) return 'json';
  if (/^text[/]|xml$|javascript$|yaml$|toml$|x-ndjson$/.test(type)) return 'text';
  if (type !== '' && type !== 'application/octet-stream') return 'binary';
  return /^(\xef\xbb\xbf)?\s*(<!--|<!doctype html|<html|<head|<body)/i.test(start)
    ? 'html'
    : 'text';
}

/** PNG, JPEG, GIF, WebP and other RIFF, zip, gzip, ELF, Windows programs, wasm, OGG, MP3, MP4. */
const binaryStart =
  // eslint-disable-next-line no-control-regex
  /^(\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF|PK\x03\x04|\x1f\x8b|\x7fELF|MZ\x90|\x00asm|OggS|ID3|.{4}ftyp)/s;

/** Text has no NUL, but for UTF-16 with its mark. */
function hasNul(bytes: Uint8Array): boolean {
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !isUtf16 && bytes.subarray(0, 8_192).includes(0);
}

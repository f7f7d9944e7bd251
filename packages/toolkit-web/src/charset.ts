import { isUtf8 } from 'node:buffer';

/** The text of a page, with the encoding it was read in; or the encoding that cannot be read. */
export type Decoded =
  | { readonly text: string; readonly encoding: string }
  | { readonly refused: string };

/**
 * Decodes as browsers do: a byte order mark wins over the header, which wins over a `<meta>` in the page. Where
 * nothing is said it is UTF-8 if it can be, else windows-1252.
 */
export function decode(bytes: Uint8Array, header: string | undefined, isHtml: boolean): Decoded {
  const marked = byMark(bytes);
  if (marked !== undefined) return read(bytes, marked);
  const labels = [header, isHtml ? metaCharset(bytes) : undefined];
  for (const label of labels) {
    if (label === undefined) continue;
    const encoding = encodingOf(label);
    if (encoding !== undefined) return read(bytes, encoding);
    if (/^(utf-?7|unicode-1-1-utf-7|cesu-8|scsu|utf-32.*)$/i.test(label)) return { refused: label };
  }
  return isUtf8(bytes) ? read(bytes, 'utf-8') : read(bytes, 'windows-1252');
}

/** The value of `charset` in a `content-type`. */
export function charsetIn(contentType: string | undefined): string | undefined {
  const [, quoted, bare] =
    /;\s*charset\s*=\s*(?:"([^"]{1,50})"|([^\s;"]{1,50}))/i.exec(contentType ?? '') ?? [];
  return quoted?.trim() ?? bare;
}

function byMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Browsers look for it in so many bytes. */
const metaBytes = 1_024;

function metaCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, metaBytes)).toString('latin1');
  const label = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w:.-]{1,50})/i.exec(head)?.[1];
  // A page whose own `<meta>` could be read as ASCII is no UTF-16.
  return label !== undefined && /^utf-16/i.test(label) ? 'utf-8' : label;
}

/** The encodings of the web, by the names that `TextDecoder` gives them. */
const known = new Set(
  (
    'utf-8 utf-16le utf-16be windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 ' +
    'windows-1255 windows-1256 windows-1257 windows-1258 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 ' +
    'iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u ' +
    'macintosh x-mac-cyrillic ibm866 gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr'
  ).split(' '),
);

function encodingOf(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    return known.has(encoding) ? encoding : undefined;
  } catch {
    return undefined; // no encoding is called that
  }
}

function read(bytes: Uint8Array, encoding: string): Decoded {
  const text =
    encoding === 'windows-1252' ? windows1252(bytes) : new TextDecoder(encoding).decode(bytes);
  return { text, encoding };
}

/** Node 20 reads windows-1252 as Latin-1, which makes control characters of quotes and dashes. */
function windows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (letter) => upper[letter.charCodeAt(0) - 0x80] ?? letter);
}

/** 0x80 to 0x9f; what has no letter stays what it is. */
const upper = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

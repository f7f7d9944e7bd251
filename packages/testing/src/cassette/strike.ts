/** What must not stand in a cassette. */
export interface Unwanted {
  /** Found in any writing: see `strike`. */
  readonly secrets: readonly string[];
  /** Found as they stand. */
  readonly patterns: readonly RegExp[];
}

/**
 * Strikes what is unwanted out of a text, each sign by stars, so that it keeps its length in bytes and its pieces their places. A secret is
 * found in any writing: in capitals, with other characters between its own, with the escapes of JSON and of URLs, in base64, in
 * hexadecimal. Both are also found where a stream tells them piece by piece in a field of JSON.
 */
export function strike(
  text: string,
  { secrets, patterns }: Unwanted,
  encoding: 'utf8' | 'latin1' = 'utf8',
): string {
  const needles = needlesOf(secrets);
  const asTheyStand = [...patterns, keys, ...secrets.filter(isShort).map(exactly)];
  const places = [
    ...(mayHold(text, needles) ? placesOf(signsIn(text), needles) : []),
    ...matchesIn(text, asTheyStand),
    ...fieldsOf(text).flatMap((signs) => [
      ...placesOf(signs, needles),
      ...placesOfMatches(signs, asTheyStand),
    ]),
  ];
  return withStars(text, places, encoding);
}

/** The secrets of a request: the values of all headers whose names say so, and the key of the environment. */
export function secretsOf(headers: Headers): readonly string[] {
  const told = [...headers].flatMap(([name, value]) =>
    /auth|key|token|secret|password|cookie/i.test(name) ? [value.replace(/^\w+ /, '')] : [],
  );
  return [...told, process.env['ANYFAST_API_KEY'] ?? ''].filter((secret) => secret.length >= 4);
}

/** Keys as gateways print them. */
const keys = /(?<=\bsk-)[\w*.-]{6,}/g;

/** So many letters and digits in a row are a secret however they are written. A shorter one is struck out only as it stands. */
const unmistakable = 8;

/** A character that the text says, as itself or as an escape, and where. */
interface Sign {
  readonly said: string;
  readonly from: number;
  readonly to: number;
}

type Place = Omit<Sign, 'said'>;

function isShort(secret: string): boolean {
  return plain(secret).length < unmistakable;
}

/** A pattern that finds a text as it stands. */
export function exactly(text: string): RegExp {
  return new RegExp(text.replace(/\W/g, '\\$&'), 'g');
}

/** The secrets in all their writings, as letters and digits alone. */
function needlesOf(secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap((secret) => [secret, secret.replace(/^sk-/i, '')]);
  const written = forms.flatMap((form) => [
    form,
    Buffer.from(form).toString('hex'),
    ...inBase64(form),
  ]);
  return [...new Set(written.map(plain))].filter((needle) => needle.length >= unmistakable);
}

/** Three writings, since it depends on what stands before; the ends, which depend on the neighbours, are left out. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + Buffer.byteLength(text)) * 8) / 6);
    const written = Buffer.from(' '.repeat(before) + text).toString('base64');
    return written.slice(from, to);
  });
}

function plain(text: string): string {
  return text.replace(/[^a-z0-9]+/gi, '').toLowerCase();
}

const escapes = /\\u([0-9a-f]{4})|%([0-9a-f]{2})|\\[nrtbf]/gi;

/** Seen at a glance, since nearly every text holds none. */
function mayHold(text: string, needles: readonly string[]): boolean {
  const all = plain(text.replace(escapes, meant));
  return needles.some((needle) => all.includes(needle));
}

function meant(_escape: string, json?: string, url?: string): string {
  const hex = json ?? url;
  return hex === undefined ? ' ' : String.fromCharCode(parseInt(hex, 16));
}

const signs = /\\u([0-9a-f]{4})|%([0-9a-f]{2})|\\[nrtbf]|[^]/gi;

function signsIn(text: string, at = 0): readonly Sign[] {
  return Array.from(text.matchAll(signs), ({ 0: sign, 1: json, 2: url, index }) => {
    const said = sign.length === 1 ? sign : meant(sign, json, url);
    return { said, from: at + index, to: at + index + sign.length };
  });
}

/** What each field of JSON says through the whole text, where it says it in several pieces. */
function fieldsOf(text: string): readonly (readonly Sign[])[] {
  const fields = new Map<string, { readonly text: string; readonly at: number }[]>();
  for (const match of text.matchAll(/"(\w{1,40})"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.)*)"/g)) {
    const [whole, name = '', value = ''] = match;
    const pieces = fields.get(name) ?? [];
    pieces.push({ text: value, at: match.index + whole.length - 1 - value.length });
    fields.set(name, pieces);
  }
  return [...fields.values()]
    .filter(({ length }) => length > 1)
    .map((pieces) => pieces.flatMap((piece) => signsIn(piece.text, piece.at)));
}

/** Each sign by itself, since what stands between them may belong to another piece. */
function placesOf(all: readonly Sign[], needles: readonly string[]): readonly Place[] {
  const counted = all.filter(({ said }) => /[a-z0-9]/i.test(said));
  const letters = counted.map(({ said }) => said.toLowerCase()).join('');
  return needles.flatMap((needle) => {
    const places: Place[] = [];
    for (let at = letters.indexOf(needle); at !== -1; at = letters.indexOf(needle, at + 1)) {
      places.push(...counted.slice(at, at + needle.length));
    }
    return places;
  });
}

function placesOfMatches(all: readonly Sign[], patterns: readonly RegExp[]): readonly Place[] {
  const told = all.map(({ said }) => said).join('');
  return matchesIn(told, patterns).flatMap(({ from, to }) => all.slice(from, to));
}

function matchesIn(text: string, patterns: readonly RegExp[]): readonly Place[] {
  return patterns.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ 0: { length }, index }) => ({
      from: index,
      to: index + length,
    })),
  );
}

function withStars(text: string, places: readonly Place[], encoding: BufferEncoding): string {
  let clean = '';
  let done = 0;
  for (const { from, to } of places.toSorted((a, b) => a.from - b.from)) {
    if (to <= done) continue;
    clean += text.slice(done, from) + starsFor(text.slice(Math.max(from, done), to), encoding);
    done = to;
  }
  return clean + text.slice(done);
}

/** Of the same length in bytes, and still an escape where it was one. */
function starsFor(text: string, encoding: BufferEncoding): string {
  return text.replace(/\\u[0-9a-f]{4}|%[0-9a-f]{2}|\\.|[^\\%]+|[^]/gi, (sign) => {
    if (sign.startsWith('\\u')) return '\\u002a';
    if (/^%./.test(sign)) return '%2A';
    return '*'.repeat(Buffer.byteLength(sign, encoding));
  });
}

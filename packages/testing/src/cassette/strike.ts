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
 * hexadecimal.
 */
export function strike(text: string, unwanted: Unwanted): string {
  return withStars(text, placesIn(text, unwanted), 'utf8');
}

/** The same for the body of a response, also where a stream tells it piece by piece in a field of JSON. */
export function strikeStream(
  text: string,
  unwanted: Unwanted,
  encoding: 'utf8' | 'latin1',
): string {
  const needles = needlesOf(unwanted.secrets);
  const patterns = asTheyStand(unwanted);
  const inPieces = fieldsOf(text).flatMap((signs) => [
    ...placesOf(signs, needles),
    ...placesOfMatches(signs, patterns),
  ]);
  return withStars(text, [...placesIn(text, unwanted), ...inPieces], encoding);
}

function placesIn(text: string, unwanted: Unwanted): readonly Place[] {
  const needles = needlesOf(unwanted.secrets);
  const written = mayHold(text, needles) ? placesOf(signsIn([{ text, at: 0 }]), needles) : [];
  return [...written, ...matchesIn(text, asTheyStand(unwanted))];
}

function asTheyStand({ secrets, patterns }: Unwanted): readonly RegExp[] {
  return [...patterns, keys, ...secrets.filter(isShort).map(exactly)];
}

/** Keys as gateways print them. */
const keys = /(?<=\bsk-)[\w*.-]{6,256}/g;

/** So many letters and digits in a row are a secret however they are written. A shorter one is struck out only as it stands. */
const unmistakable = 8;

interface Place {
  readonly from: number;
  readonly to: number;
}

/** Characters that a text says, as themselves or as escapes, and where each stands. */
interface Signs {
  /** One character for each. */
  readonly said: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

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

const written = /\\u([0-9a-f]{4})|%([0-9a-f]{2})|\\[nrtbf]|[^\\%]{1,4096}|[^]/gi;

/** All characters of pieces of a text. */
function signsIn(pieces: readonly Piece[]): Signs {
  let said = '';
  const from: number[] = [];
  const to: number[] = [];
  for (const piece of pieces) {
    for (const { 0: run, 1: json, 2: url, index } of piece.text.matchAll(written)) {
      const at = piece.at + index;
      const isEscape = run.length > 1 && /^[\\%]/.test(run);
      said += isEscape ? meant(run, json, url) : run;
      for (let sign = 0; sign < (isEscape ? 1 : run.length); sign++) {
        from.push(at + sign);
        to.push(isEscape ? at + run.length : at + sign + 1);
      }
    }
  }
  return { said, from, to };
}

interface Piece {
  readonly text: string;
  readonly at: number;
}

/** The letters and digits among them, in small letters. */
function lettersOf({ said, from, to }: Signs): Signs {
  const letters: Signs & { said: string; from: number[]; to: number[] } = {
    said: '',
    from: [],
    to: [],
  };
  for (const { 0: run, index } of said.matchAll(/[a-z0-9]+/gi)) {
    letters.said += run.toLowerCase();
    for (let sign = index; sign < index + run.length; sign++) {
      letters.from.push(from[sign] ?? 0);
      letters.to.push(to[sign] ?? 0);
    }
  }
  return letters;
}

/** In characters: no piece of a stream is longer, and the memory of a regular expression is bounded. */
const longestPiece = 65_536;

const field = new RegExp(
  `"(\\w{1,40})"\\s{0,8}:\\s{0,8}"((?:[^"\\\\]|\\\\.){0,${longestPiece}})"`,
  'g',
);

/** What each field of JSON says through the whole text, where it says it in several pieces. */
function fieldsOf(text: string): readonly Signs[] {
  const fields = new Map<string, Piece[]>();
  for (const match of text.matchAll(field)) {
    const [whole, name = '', value = ''] = match;
    const pieces = fields.get(name) ?? [];
    pieces.push({ text: value, at: match.index + whole.length - 1 - value.length });
    fields.set(name, pieces);
  }
  return [...fields.values()].filter(({ length }) => length > 1).map(signsIn);
}

function placesOf(signs: Signs, needles: readonly string[]): readonly Place[] {
  const letters = lettersOf(signs);
  const found = matchesIn(letters.said, needles.map(exactly));
  return found.flatMap((match) => placesOfSigns(letters, match));
}

function placesOfMatches(signs: Signs, patterns: readonly RegExp[]): readonly Place[] {
  return matchesIn(signs.said, patterns).flatMap((match) => placesOfSigns(signs, match));
}

/** Each sign by itself, since what stands between them may belong to another piece. */
function placesOfSigns({ from, to }: Signs, range: Place): readonly Place[] {
  const ends = to.slice(range.from, range.to);
  return ends.map((end, index) => ({ from: from[range.from + index] ?? end, to: end }));
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
  return text.replace(/\\u[0-9a-f]{4}|%[0-9a-f]{2}|\\.|[^\\%]{1,4096}|[^]/gi, (sign) => {
    if (sign.startsWith('\\u')) return '\\u002a';
    if (/^%./.test(sign)) return '%2A';
    return '*'.repeat(Buffer.byteLength(sign, encoding));
  });
}

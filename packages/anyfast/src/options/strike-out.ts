/** What must not be shown, and what strikes it out where it stands as it is: see `redactor`. */
export interface Secrecy {
  readonly secrets: readonly string[];
  readonly redact: (text: string) => string;
}

/** So many letters and digits in a row are a key however they are written: with blanks between, in capitals, in base64. */
const unmistakable = 14;

/**
 * A function that strikes the keys out of a text as `redactor` does, and also where other characters stand between their own,
 * with escapes of JSON or of URLs, in base64 and in hexadecimal.
 */
export function strikeOut({ secrets, redact }: Secrecy): (text: string) => string {
  const letters = lettersOfKeys(secrets);
  return (text) =>
    redact(withoutLetters(text, letters)).replace(
      inURLs,
      (_, name?: string, scheme?: string) => `${name ?? scheme}${struck}`,
    );
}

/** Any secrets in a URL: in its query, and before the host. */
const inURLs =
  /([?&](?:api[-_]?key|key|token|access_token|secret|password)=)[^&\s"'#]+|(:\/\/)[^\s/@"'?#]{1,256}(?=@)/gi;

/** Whether a text holds one of the keys, in any of those writings; what only looks like one does not count. */
export function keyFinder({ secrets }: Secrecy): (text: string) => boolean {
  const letters = lettersOfKeys(secrets);
  return (text) => withoutLetters(text, letters) !== text;
}

const struck = '[key]';

/** The keys in all their writings, as letters and digits alone. */
function lettersOfKeys(keys: readonly string[]): readonly string[] {
  const forms = keys.flatMap((key) => [key, key.replace(/^sk-/i, '')]);
  const written = forms.flatMap((form) => [form, hexOf(form), ...inBase64(form)]);
  return [...new Set(written.map(plain))].filter((one) => one.length >= unmistakable);
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '').toLowerCase();
}

function hexOf(text: string): string {
  return Array.from(text, (sign) => sign.charCodeAt(0).toString(16)).join('');
}

/** Three writings, since it depends on what stands before; the ends, which depend on the neighbours, are left out. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + text.length) * 8) / 6);
    return btoa(' '.repeat(before) + text).slice(from, to);
  });
}

/** The escapes of JSON and of URLs: of a sign, and of white space. */
const escapes = /\\u00([0-9a-f]{2})|%([0-9a-f]{2})|\\[nrtbf]/gi;
/** The same, and letters and digits in a row. */
const runs = /\\u00([0-9a-f]{2})|%([0-9a-f]{2})|\\[nrtbf]|[a-z0-9]+/gi;

function decoded(_escape: string, json?: string, url?: string): string {
  const hex = json ?? url;
  return hex === undefined ? '' : String.fromCharCode(parseInt(hex, 16));
}

/** Strikes out each stretch whose letters and digits are those of a key, whatever stands between them. */
function withoutLetters(text: string, keys: readonly string[]): string {
  // Nearly every text holds none, and that is seen at a glance.
  const all = plain(text.replace(escapes, decoded));
  if (!keys.some((key) => all.includes(key))) return text;
  const starts: number[] = [];
  const ends: number[] = [];
  let letters = '';
  for (const { 0: run, 1: json, 2: url, index } of text.matchAll(runs)) {
    const isEscape = /^[\\%]/.test(run);
    const told = plain(isEscape ? decoded(run, json, url) : run);
    for (let at = 0; at < told.length; at++) {
      starts.push(index + at);
      ends.push(isEscape ? index + run.length : index + at + 1);
    }
    letters += told;
  }
  const hits = keys.flatMap((key) => placesOf(key, letters));
  let clean = '';
  let done = 0;
  for (const [from, to] of hits.sort(([a], [b]) => a - b)) {
    const [start = 0, end = 0] = [starts[from], ends[to - 1]];
    if (start >= done) clean += text.slice(done, start) + struck;
    done = Math.max(done, end);
  }
  return clean + text.slice(done);
}

function placesOf(key: string, letters: string): [number, number][] {
  const places: [number, number][] = [];
  for (let at = letters.indexOf(key); at !== -1; at = letters.indexOf(key, at + key.length)) {
    places.push([at, at + key.length]);
  }
  return places;
}

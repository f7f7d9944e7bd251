import { jsonLoss } from './json-loss.ts';

/** A call's arguments as an object, with the JSON text to keep; or why they cannot be read. */
export type ReadArguments =
  | {
      readonly value: Readonly<Record<string, unknown>>;
      /** The text as received, or its mended form. */
      readonly text: string;
      /** Says what was repaired. */
      readonly mended?: string;
    }
  | { readonly reason: string };

/**
 * Reads the JSON a model wrote as arguments. Mends only what has one possible meaning: nothing at all for
 * no arguments, JSON encoded twice, raw control characters inside strings. Never completes a cut text.
 */
export function readArguments(text: string): ReadArguments {
  if (text.trim() === '' || text.trim() === 'null') {
    return { value: {}, text: '{}', mended: 'no arguments were written; they became {}' };
  }
  const read = parse(text);
  if (!('reason' in read)) return fromValue(read.value, text);
  const escaped = escapeControlCharacters(text);
  const again = parse(escaped);
  if ('reason' in again) return read;
  const result = fromValue(again.value, escaped);
  return 'reason' in result ? result : { ...result, mended: 'raw control characters were escaped' };
}

function fromValue(value: unknown, text: string): ReadArguments {
  if (isObject(value)) {
    const loss = jsonLoss(text);
    return loss === undefined ? { value, text } : { reason: loss };
  }
  if (typeof value === 'string') {
    const inner = parse(value);
    if ('value' in inner && isObject(inner.value)) {
      const read = fromValue(inner.value, value);
      return 'reason' in read ? read : { ...read, mended: 'JSON encoded twice was decoded' };
    }
  }
  const found = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
  return { reason: `the arguments are ${found}, not a JSON object` };
}

function parse(text: string): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { reason: `the arguments are not valid JSON (${(error as Error).message})` };
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Escapes U+0000 to U+001F where they stand inside a string; between tokens they are white space or an error. */
function escapeControlCharacters(text: string): string {
  let inString = false;
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (inString && character === '\\') {
      result += character + text.charAt(++at);
    } else if (inString && character < ' ') {
      result += JSON.stringify(character).slice(1, -1);
    } else {
      if (character === '"') inString = !inString;
      result += character;
    }
  }
  return result;
}

/** Arguments as JSON with their keys in order, so that the same call is known again however it is written. */
export function canonical(text: string): string {
  const read = readArguments(text);
  if ('reason' in read) return text;
  try {
    return JSON.stringify(read.value, inOrder);
  } catch {
    return text; // nested too deep to be walked
  }
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value}`; // 1e999, which is not null
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

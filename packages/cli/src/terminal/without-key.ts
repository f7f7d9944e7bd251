import type { Host } from '../command.ts';

const mark = '[the key]';

/** What is shorter is no secret. */
const shortestKey = 8;

/** So much of a key, such as `sk-`, gives nothing away. A text that ends in more of it may be about to spell the key out. */
const openLength = 3;

/** The endpoint's key, where there is one that is long enough to be a secret. */
export function keyOf(env: Host['env']): string | undefined {
  const key = env['ANYFAST_API_KEY']?.trim();
  return key === undefined || key.length < shortestKey ? undefined : key;
}

/** Strikes the endpoint's key out of a text, be it the model's, a tool's or ours. */
export function withoutKey(text: string, env: Host['env']): string {
  const key = keyOf(env);
  return key === undefined ? text : text.replaceAll(key, mark);
}

/** The same for the keys that an endpoint was asked with. It may repeat them, also without the `sk-` that a gateway strips. */
export function withoutKeys(text: string, keys: readonly (string | undefined)[]): string {
  const forms = keys.flatMap((key = '') => [key, key.replace(/^sk-/, '')]);
  return forms
    .filter(({ length }) => length >= shortestKey)
    .reduce((rest, form) => rest.replaceAll(form, mark), text);
}

/**
 * Strikes a key out of a text that comes in pieces, however it is cut. What may be the beginning of the key is held back, but for its first
 * three characters: many a text ends in an "s".
 */
export class PiecesWithoutKey {
  readonly #key: string;
  /** The end of what came, where it may be the beginning of the key. */
  #tail = '';
  /** How much of the tail was given already. */
  #given = 0;

  constructor(key: string) {
    this.#key = key;
  }

  /** Takes a piece, and gives what may be shown by now. */
  push(piece: string): string {
    const parts = (this.#tail + piece).split(this.#key);
    const [first = ''] = parts;
    const from = Math.min(this.#given, first.length);
    this.#tail = this.#beginningIn(parts.at(-1) ?? '');
    this.#given = Math.min(openLength, this.#tail.length);
    const text = parts.join(mark);
    return text.slice(from, text.length - this.#tail.length + this.#given);
  }

  /** No piece comes any more: gives what was held back. */
  end(): string {
    const rest = this.#tail.slice(this.#given);
    this.#tail = '';
    this.#given = 0;
    return rest;
  }

  /** The longest end of a text that the key begins with. */
  #beginningIn(text: string): string {
    for (let length = Math.min(this.#key.length - 1, text.length); length > 0; length--) {
      if (text.endsWith(this.#key.slice(0, length))) return this.#key.slice(0, length);
    }
    return '';
  }
}

import { ToolError } from '@throughline/core';
import { shown } from './trouble.ts';

/** Says whether a path, relative to the folder that was asked about, fits a pattern. */
export type Matcher = (path: string) => boolean;

/**
 * Reads a pattern of `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` and `**`. A pattern without `/` is held against the last name
 * alone, so `*.md` fits at any depth. The time a match takes grows with the length of the pattern times that of the
 * path and never faster, which no translation into a regular expression can promise; hence no library.
 */
export function glob(pattern: string): Matcher {
  const trimmed = pattern.replace(/^(?:[.][/])+/, '').replace(/[/]+$/, '');
  const ways = alternatives(trimmed, pattern).map((one) => {
    const names = one.split('/').filter((name) => name !== '');
    const deep = one.includes('/') ? names : ['**', ...names];
    return deep.map((name) => (name === '**' ? any : letters(name)));
  });
  return (path) => {
    const names = path.split('/').map(inLetters); // once, not for each alternative
    return ways.some((way) => fits(way, names, fitsName));
  };
}

function fitsName(pattern: readonly (Letter | typeof any)[], name: ArrayLike<string>): boolean {
  return fits(pattern, name, fitsLetter);
}

/** Where no letter takes two UTF-16 units, which is nearly always, a name is the list of its letters itself. */
function inLetters(name: string): ArrayLike<string> {
  return /[\ud800-\udfff]/.test(name) ? [...name] : name;
}

/** Stands for any number of items: of names as `**`, of letters as `*`. */
const any = Symbol('any');

/** One letter of a pattern: itself, a set, or `undefined` for any. */
type Letter = string | { readonly not: boolean; readonly pairs: readonly string[] } | undefined;

/** Greedy, and goes back to the last `any` only: an earlier one could match nothing that the last one cannot. */
function fits<P, T>(
  pattern: readonly (P | typeof any)[],
  items: ArrayLike<T>,
  one: (part: P, item: T) => boolean,
): boolean {
  // Most paths do not end as the pattern does, which is seen at once.
  const end = pattern.at(-1);
  if (end !== undefined && end !== any) {
    if (items.length === 0 || !one(end, items[items.length - 1] as T)) return false;
  }
  let at = 0;
  let lastAny = -1;
  let resume = 0;
  for (let i = 0; i < items.length;) {
    const part = pattern[at];
    const item = items[i] as T;
    if (at < pattern.length && part === any) {
      lastAny = at++;
      resume = i;
    } else if (at < pattern.length && one(part as P, item)) {
      at++;
      i++;
    } else if (lastAny >= 0) {
      at = lastAny + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.length && pattern[at] === any) at++;
  return at === pattern.length;
}

function fitsLetter(part: Letter, letter: string): boolean {
  if (part === undefined) return true;
  if (typeof part === 'string') return part === letter;
  const among = part.pairs.some((pair) => {
    const [from = '', to = from] = [...pair];
    return from <= letter && letter <= to;
  });
  return among !== part.not;
}

/** `[` without a `]`, as in a file's own name, is a letter like others. */
function letters(name: string): (Letter | typeof any)[] {
  const parts = name.match(/\*+|\[[!^]?[^\]]+\]|[\s\S]/gu) ?? [];
  return parts.map((part) => {
    if (part.startsWith('*')) return any;
    if (part === '?') return undefined;
    if (!part.startsWith('[') || part === '[') return part;
    const not = /^\[[!^]/.test(part);
    const pairs = part.slice(not ? 2 : 1, -1).match(/[\s\S]-[\s\S]|[\s\S]/gu) ?? [];
    return {
      not,
      pairs: pairs.map((pair) => ([...pair].length === 3 ? pair.replace(/-/, '') : pair)),
    };
  });
}

/** `a{b,c}d` as `abd` and `acd`. */
function alternatives(pattern: string, asked: string): string[] {
  let ways = [pattern];
  for (;;) {
    const next = ways.flatMap(openFirstBrace);
    if (next.length > 100)
      throw new ToolError(`The glob ${shown(asked)} has more than 100 alternatives.`);
    if (next.length === ways.length && next.every((way, index) => way === ways[index])) return ways;
    ways = next;
  }
}

function openFirstBrace(pattern: string): string[] {
  const found = /^([^]*?)\{([^{}]*)\}([^]*)$/u.exec(pattern);
  if (found === null) return [pattern];
  const [, before = '', inside = '', after = ''] = found;
  return inside.split(',').map((way) => before + way + after);
}

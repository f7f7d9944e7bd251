import type { Dirent } from 'node:fs';
import { ToolError } from '@throughline/core';
import { pathIn } from './place.ts';
import type { Place } from './place.ts';

/** A path in a sentence: a JSON string in which nothing invisible is left. */
export function shown(path: string): string {
  const quoted = JSON.stringify(path.length > 300 ? `${path.slice(0, 300)}…` : path);
  return quoted.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A path at the start of a line: bare when nothing in it can be misread, else quoted. */
export function named(path: string): string {
  return /[\p{Cc}\p{Cf}\u2028\u2029":]|^\s|\s$|\s\s/u.test(path) ? shown(path) : path;
}

/** A count or a size, as people write it. */
export function count(value: number, noun: string, nouns = `${noun}s`): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? noun : nouns}`;
}

/** The system's word for what failed, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

const words: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder; list_files tells what it holds',
  ELOOP: 'is a link that leads to itself',
  ENAMETOOLONG: 'is longer than any path can be',
  ENOENT: 'is no longer there',
  ENOTDIR: 'goes through a file as if it were a folder',
  ENOTEMPTY: 'is a folder that is not empty',
  ENOSPC: 'cannot be written: the disk is full',
  EROFS: 'cannot be written: the disk is read-only',
  EXDEV: 'is on another disk',
};

/** A failure of the file system, in words that tell of nothing but `path` and what was to be done with it. Other errors stay what they are. */
export function inWords(error: unknown, path: string, done = 'read'): unknown {
  const code = codeOf(error);
  if (error instanceof ToolError || code === undefined) return error;
  if (!/^E[A-Z0-9]+$/.test(code)) return error;
  const denied = code === 'EACCES' || code === 'EPERM';
  const reason = denied ? `may not be ${done}: permission denied` : words[code];
  return new ToolError(`${shown(path)} ${reason ?? `cannot be ${done} (${code})`}.`, {
    cause: error,
  });
}

/** What to say when the folder `place` holds no `name`: the nearest name, or the names there are. */
export function noSuchName(
  { place, entries }: { readonly place: Place; readonly entries: readonly Dirent[] },
  name: string,
  asked: string,
): ToolError {
  const folder = place.path === '.' ? 'The root' : shown(place.path);
  const names = entries.map((entry) => entry.name + (entry.isDirectory() ? '/' : '')).sort();
  const near = nearest(name, names.slice(0, 2_000));
  const first = `There is no ${shown(asked)}. `;
  if (names.length === 0) return new ToolError(`${first}${folder} is empty.`);
  if (near !== undefined) {
    const path = pathIn(place, near);
    return new ToolError(`${first}${folder} holds no ${shown(name)}; did you mean ${shown(path)}?`);
  }
  const listed = names.slice(0, 10).map(shown).join(', ');
  const more = names.length > 10 ? ` and ${count(names.length - 10, 'other')}` : '';
  return new ToolError(`${first}${folder} holds ${listed}${more}.`);
}

/** The name with the fewest letters to change, when they are few. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.replace(/[/]$/, '').toLowerCase().slice(0, 100);
  const wanted = plain(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const other of names) {
    const steps = distance(wanted, plain(other), least);
    if (steps >= least) continue;
    least = steps;
    best = other;
  }
  return best;
}

/** How many letters must be put in, taken out or changed to make `b` of `a`; `enough` when it is not fewer. */
function distance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row.at(-1) ?? enough, enough);
}

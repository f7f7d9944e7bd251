import { lineEnds, withLineEnds } from './line-ends.ts';
import { placesIn } from './places-in.ts';
import type { Edit, Splice } from './splice.ts';
import { textLines } from './text-lines.ts';
import type { TextLine } from './text-lines.ts';

/** So many comparisons of lines, and no more: a text of empty lines could cost as many as it has letters, squared. */
const mostComparisons = 5_000_000;

/** An edit that fits more than one place is refused, so more are not looked for. */
const mostPlaces = 11;

/**
 * Where an edit fits once line ends, trailing space and an indentation that is the same for all its lines are let pass: nothing else is.
 * What takes the place is indented as the place is, and ends its lines as the place does.
 */
export function findLoosely(text: string, edit: Edit): readonly Splice[] {
  const byEnds = withoutRegardToEnds(text, edit);
  return byEnds.length > 0 ? byEnds : wholeLines(text, edit);
}

/** A model writes `\n` where the file has `\r\n` or `\r`. The place may begin and end within a line. */
function withoutRegardToEnds(text: string, edit: Edit): readonly Splice[] {
  const old = edit.old_string.replace(/\r\n?/g, '\n');
  if (!old.includes('\n') || !(text.includes('\r') || edit.old_string.includes('\r'))) return [];
  const plain = text.replace(/\r\n?/g, '\n');
  const starts = placesIn(plain, old, { most: mostPlaces, apart: false });
  const places = originalsOf(text, [...starts, ...starts.map((at) => at + old.length)]);
  const endAt = lineEnds(text);
  return starts.map((at) => {
    const from = places.get(at) ?? 0;
    const fresh = withLineEnds(edit.new_string.replace(/\r\n?/g, '\n'), endAt(from));
    return { from, to: places.get(at + old.length) ?? text.length, text: fresh };
  });
}

/** The indices in `text` that belong to those in the same text with `\n` for every line end. */
function originalsOf(text: string, plain: readonly number[]): ReadonlyMap<number, number> {
  const wanted = plain.toSorted((a, b) => a - b);
  const found = new Map<number, number>();
  let at = 0;
  let seen = 0;
  for (const index of wanted) {
    for (; seen < index; seen++) at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    found.set(index, at);
  }
  return found;
}

/** Whole lines, with other space at their ends, or all of them indented by the same text more or less. */
function wholeLines(text: string, edit: Edit): readonly Splice[] {
  const old = textLines(edit.old_string).map((line) => line.text.trimEnd());
  const anchor = old.findIndex((line) => line !== '');
  if (anchor < 0) return [];
  const lines = textLines(text);
  const found: Splice[] = [];
  let left = mostComparisons;
  for (let first = 0; first + old.length <= lines.length; first++) {
    const shift = shiftOf(old[anchor] ?? '', lines[first + anchor]?.text.trimEnd() ?? '');
    left--;
    if (shift === undefined) continue;
    const fits = old.every((line, index) => {
      left--;
      return isShifted(line, lines[first + index]?.text.trimEnd() ?? '', shift);
    });
    if (left < 0) return [];
    if (!fits) continue;
    const splice = spliceOf(text, lines.slice(first, first + old.length), edit, shift);
    if (splice !== undefined) found.push(splice);
    if (found.length === mostPlaces) break;
  }
  return found;
}

/** What stands before the lines of the file and not before those of the edit, or the other way round. */
interface Shift {
  readonly more: string;
  readonly less: string;
}

function shiftOf(edit: string, file: string): Shift | undefined {
  if (!/\S/.test(edit) || edit.trimStart() !== file.trimStart()) return undefined;
  const [ofEdit, ofFile] = [indentOf(edit), indentOf(file)];
  if (ofFile.endsWith(ofEdit))
    return { more: ofFile.slice(0, -ofEdit.length || undefined), less: '' };
  if (ofEdit.endsWith(ofFile))
    return { more: '', less: ofEdit.slice(0, -ofFile.length || undefined) };
  return undefined;
}

function isShifted(edit: string, file: string, { more, less }: Shift): boolean {
  if (edit === '') return file === '';
  return less === '' ? more + edit === file : edit === less + file;
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function spliceOf(
  text: string,
  place: readonly TextLine[],
  edit: Edit,
  { more, less }: Shift,
): Splice | undefined {
  const [first, last] = [place[0], place.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const fresh = edit.new_string.split(/\r\n|\n|\r/).map((line) => {
    if (line.trim() === '') return line;
    if (less === '') return more + line;
    return line.startsWith(less) ? line.slice(less.length) : undefined;
  });
  if (fresh.includes(undefined)) return undefined; // it cannot be indented as the place is
  const endsLine = /[\r\n]$/.test(edit.old_string);
  return {
    from: first.from,
    to: endsLine ? last.next : last.to,
    text: fresh.join(lineEnds(text)(first.from)),
  };
}

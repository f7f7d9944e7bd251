import { ToolError } from '@throughline/core';
import { findLoosely } from './find-loosely.ts';
import { lineEnds, withLineEnds } from './line-ends.ts';
import { nearestPlace } from './nearest-place.ts';
import { placesIn } from './places-in.ts';
import type { Edit, Splice } from './splice.ts';
import { count } from './trouble.ts';

/** What became of the edits. */
export interface Edited {
  readonly text: string;
  /** How many places were changed. */
  readonly places: number;
  /** The edits, counted from 1, that fitted only without regard to line ends, trailing space or indentation. */
  readonly loose: readonly number[];
}

/**
 * Makes all edits or none. Each is looked for in the text as it was; nothing but the places found is touched. Throws a ToolError that says
 * which edit does not fit and shows the nearest place. `path` is the file as the model knows it, in words.
 */
export function editText(whole: string, edits: readonly Edit[], path: string): Edited {
  // No one sees a byte order mark, so no edit has it.
  const mark = whole.startsWith('\ufeff') ? '\ufeff' : '';
  const text = whole.slice(mark.length);
  const loose: number[] = [];
  const splices = edits.flatMap((edit, index) => {
    const refuse = refusal(edits, index);
    const exact = placesOf(text, edit, refuse);
    if (exact.length > 0) return exact.map((one) => ({ ...one, edit: index + 1 }));
    const found = findLoosely(text, edit);
    if (found.length > 1) throw refuse(`fits loosely ${linesOf(text, found)}. ${addContext}`);
    const [one] = found;
    if (one === undefined) {
      throw refuse(`is nowhere in ${path}.${nearestPlace(text, edit.old_string)}`);
    }
    loose.push(index + 1);
    return [{ ...one, edit: index + 1 }];
  });
  const ordered = splices.toSorted((a, b) => a.from - b.from);
  for (const [index, one] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next === undefined || next.from >= one.to) continue;
    throw new ToolError(
      `Nothing was changed: edits ${one.edit} and ${next.edit} overlap in line ${lineAt(text, next.from)}. Make one edit of them.`,
    );
  }
  return { text: mark + spliced(text, ordered), places: ordered.length, loose };
}

const addContext = 'Give more of the lines around it, so that it fits one place.';

function refusal(edits: readonly Edit[], index: number): (reason: string) => ToolError {
  const which = edits.length === 1 ? 'old_string' : `old_string of edit ${index + 1}`;
  return (reason) => new ToolError(`Nothing was changed: the ${which} ${reason}`);
}

/** Where an edit fits to the letter. */
function placesOf(
  text: string,
  { old_string: old, new_string: fresh, replace_all: all }: Edit,
  refuse: (reason: string) => ToolError,
): readonly Splice[] {
  if (old === '') throw refuse('is empty. Give the text that is to be replaced.');
  if (old === fresh) throw refuse('is the same as its new_string.');
  // Two that overlap are two, unless all are replaced.
  const most = all ? mostReplaced : mostTold;
  const starts = placesIn(text, old, { most: most + 1, apart: all });
  if (all && starts.length > most) {
    throw refuse(`fits more than ${count(most, 'place')}, which is more than one edit changes.`);
  }
  if (starts.length > 1 && !all) {
    const found = starts.map((from) => ({ from }));
    const many =
      found.length > mostTold ? `more than ${mostTold} places` : `${found.length} places`;
    throw refuse(`fits ${many} ${linesOf(text, found)}. ${addContext} Or set replace_all.`);
  }
  // A carriage return in old_string says that the model knows the line ends, and means to choose them.
  const isOneLine = old.includes('\r') || !fresh.includes('\n');
  const endAt = lineEnds(text);
  return starts.map((from) => ({
    from,
    to: from + old.length,
    text: isOneLine ? fresh : withLineEnds(fresh, endAt(from)),
  }));
}

function spliced(text: string, ordered: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const splice of ordered) {
    parts.push(text.slice(at, splice.from), splice.text);
    at = splice.to;
  }
  return [...parts, text.slice(at)].join('');
}

/** So many places are changed by one edit. */
const mostReplaced = 100_000;
/** So many places of an edit that fits several are told. */
const mostTold = 10;

/** `in lines 3, 9, 12`. */
function linesOf(text: string, places: readonly { readonly from: number }[]): string {
  const lines = places.slice(0, mostTold).map(({ from }) => lineAt(text, from));
  const more = places.length > mostTold ? ' and more' : '';
  return `in ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more}`;
}

/** The number of the line at an index, from 1. */
function lineAt(text: string, at: number): number {
  let line = 1;
  for (let end = nextLine(text, 0); end !== undefined && end <= at; end = nextLine(text, end)) {
    line++;
  }
  return line;
}

function nextLine(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\n') return at + 1;
    if (text[at] === '\r' && text[at + 1] !== '\n') return at + 1;
  }
  return undefined;
}

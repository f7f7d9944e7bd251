import { textLines } from './text-lines.ts';
import type { TextLine } from './text-lines.ts';

/** So many lines are compared, and so much of each. */
const mostLines = 50_000;
const mostCharacters = 300;

/**
 * The place in a text that is most like what was looked for, as it is written there, with what differs first: so the next edit can be right.
 * Empty where nothing is alike.
 */
export function nearestPlace(text: string, wanted: string): string {
  const sought = textLines(wanted).map((line) => line.text);
  const lines = textLines(text).slice(0, mostLines);
  // The longest line says most about the place.
  const anchor = sought.reduce(
    (best, line, at) => (line.trim().length > (sought[best]?.trim().length ?? 0) ? at : best),
    0,
  );
  const best = mostAlike(lines, sought[anchor] ?? '');
  if (best === undefined) return '';
  const first = Math.max(0, best - anchor);
  const place = lines.slice(first, first + Math.min(sought.length, 12));
  const shown = place.map((line, index) => `${first + index + 1}: ${cut(line.text)}`);
  return ` The nearest place is this:\n${shown.join('\n')}\n${firstDifference(place, sought, first)}`;
}

function mostAlike(lines: readonly TextLine[], wanted: string): number | undefined {
  const words = wordsOf(wanted);
  let best: number | undefined;
  let most = Math.max(1, words.size / 3);
  for (const [index, line] of lines.entries()) {
    let alike = 0;
    for (const word of wordsOf(line.text)) if (words.has(word)) alike++;
    if (line.text.trim() === wanted.trim()) alike = words.size + 1;
    if (alike <= most - 1 || (best !== undefined && alike <= most)) continue;
    best = index;
    most = alike;
  }
  return best;
}

function wordsOf(line: string): ReadonlySet<string> {
  return new Set(
    line
      .slice(0, mostCharacters)
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu),
  );
}

function firstDifference(
  place: readonly TextLine[],
  sought: readonly string[],
  first: number,
): string {
  const at = sought.findIndex((line, index) => line !== place[index]?.text);
  const [there, asked] = [place[at]?.text, sought[at]];
  if (there === undefined || asked === undefined) return 'It ends there.';
  const line = `Line ${first + at + 1}`;
  if (there.trimEnd() === asked.trimEnd()) return `${line} has other space at its end.`;
  if (there.trim() === asked.trim()) {
    return `${line} begins with ${indent(there)}, and old_string with ${indent(asked)}.`;
  }
  if (plain(there) === plain(asked)) {
    return `${line} has other quotes, dashes or spaces than old_string: copy them as they stand there.`;
  }
  return `${line} differs. In old_string it is: ${cut(asked)}`;
}

function indent(line: string): string {
  const before = /^\s*/.exec(line)?.[0] ?? '';
  const tabs = before.split('\t').length - 1;
  const spaces = before.length - tabs;
  const parts = [
    tabs > 0 ? `${tabs} tab${tabs === 1 ? '' : 's'}` : '',
    spaces > 0 ? `${spaces} space${spaces === 1 ? '' : 's'}` : '',
  ];
  return parts.filter(Boolean).join(' and ') || 'no space';
}

function plain(line: string): string {
  return line
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201a\u2032]/g, "'")
    .replace(/[\u201c\u201d\u201e\u2033]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
}

function cut(line: string): string {
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line;
}

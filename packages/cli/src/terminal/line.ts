import { graphemes, widthOf } from './graphemes.ts';
import type { Paint, Style } from './style.ts';

/** A piece of a line in one style. Its text is visible already, and has no line break. */
export interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
}

/** One line as it stands on the screen, or before it is wrapped. */
export type Line = readonly Span[];

export function span(text: string, ...styles: readonly Style[]): Span {
  return { text: text.replaceAll('\t', '    '), styles };
}

/** The lines of a text, in one style. */
export function linesOf(text: string, ...styles: readonly Style[]): Line[] {
  return text.split('\n').map((line) => [span(line, ...styles)]);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

export function painted(line: Line, paint: Paint): string {
  return line.map(({ text, styles }) => paint(styles, text)).join('');
}

/** The line in rows of at most `width` columns, broken between words, or within a word that is longer. Later rows begin with `indent`. */
export function wrap(line: Line, width: number, indent: Line = []): Line[] {
  if (lineWidth(line) <= width) return [line];
  const room = Math.max(1, width - lineWidth(indent));
  const rows: Span[][] = [[]];
  let used = 0;
  const next = () => {
    rows.push([...indent]);
    used = 0;
  };
  const limit = () => (rows.length === 1 ? Math.max(1, width) : room);
  const put = (text: string, styles: readonly Style[], columns: number) => {
    const row = rows.at(-1) ?? [];
    const last = row.at(-1);
    if (last?.styles === styles) row[row.length - 1] = { text: last.text + text, styles };
    else row.push({ text, styles });
    used += columns;
  };
  for (const { text, styles } of line) {
    for (const word of text.match(/\s+|\S+/g) ?? []) {
      const size = widthOf(word);
      if (used + size <= limit()) {
        put(word, styles, size);
        continue;
      }
      if (/^\s/.test(word)) {
        if (used > 0) next();
        continue;
      }
      if (used > 0 && size <= room) next();
      if (used + size <= limit()) {
        put(word, styles, size);
        continue;
      }
      for (const character of graphemes(word)) {
        const columns = widthOf(character);
        if (used > 0 && used + columns > limit()) next();
        put(character, styles, columns);
      }
    }
  }
  return rows.map(joined);
}

/** Neighbours of one style become one span, so that a long word costs one. */
function joined(line: Line): Line {
  const spans: Span[] = [];
  for (const { text, styles } of line) {
    const last = spans.at(-1);
    if (last !== undefined && last.styles.join() === styles.join()) {
      spans[spans.length - 1] = { text: last.text + text, styles };
    } else spans.push({ text, styles });
  }
  return spans;
}

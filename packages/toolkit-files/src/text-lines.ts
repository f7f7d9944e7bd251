/** A line of a text, and where it stands. */
export interface TextLine {
  readonly from: number;
  /** Behind its last letter, before what ends it. */
  readonly to: number;
  /** Where the next line begins. */
  readonly next: number;
  readonly text: string;
}

/** The lines of a text, however they end. A text that ends with a line end has no empty line behind it. */
export function textLines(text: string): readonly TextLine[] {
  const lines: TextLine[] = [];
  const ends = /\r\n|\n|\r/g;
  let from = 0;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    const next = end.index + end[0].length;
    lines.push({ from, to: end.index, next, text: text.slice(from, end.index) });
    from = next;
  }
  if (from < text.length) {
    lines.push({ from, to: text.length, next: text.length, text: text.slice(from) });
  }
  return lines;
}

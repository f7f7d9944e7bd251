import { graphemes, widthOf } from '../terminal/graphemes.ts';
import { span, wrap } from '../terminal/line.ts';
import type { Line } from '../terminal/line.ts';
import type { LineEditor } from '../terminal/line-editor.ts';
import type { LiveRegion } from '../terminal/live-screen.ts';

/** What stands around the input. */
export interface AroundInput {
  readonly above: readonly Line[];
  /** Dimmed, where nothing is typed. */
  readonly placeholder: string;
  /** Below the input, one row. */
  readonly status: string;
  readonly width: number;
}

/** The live region: what changes above, the input with its cursor, the status below. */
export function inputRegion(editor: LineEditor, around: AroundInput): LiveRegion {
  const { above, placeholder, status, width } = around;
  const { lines, row, before } = editor.view;
  const rows: Line[] = [];
  let cursor = { row: 0, column: 2 };
  for (const [at, line] of lines.entries()) {
    const pieces = broken(line, width - 2);
    if (at === row) {
      const upTo = broken(before, width - 2);
      const column = 2 + widthOf(upTo.at(-1) ?? '');
      cursor = { row: rows.length + upTo.length - 1, column };
    }
    for (const piece of pieces) {
      const mark = rows.length === 0 ? span('› ', 'bold', 'green') : span('  ');
      rows.push([mark, span(piece)]);
    }
  }
  if (editor.isEmpty) rows[0] = [span('› ', 'bold', 'green'), ...first(placeholder, width - 2)];
  const lead: readonly Line[] = above.length > 0 ? [...above, []] : [];
  return {
    lines: [...lead, ...rows, first(status, width)],
    cursor: { row: lead.length + cursor.row, column: cursor.column },
  };
}

function first(text: string, width: number): Line {
  return wrap([span(text, 'dim')], Math.max(1, width))[0] ?? [];
}

/** Input breaks anywhere: each column that was typed is there, blanks too. */
function broken(line: string, width: number): string[] {
  const pieces = [''];
  for (const character of graphemes(line)) {
    const shown = character === '\t' ? '    ' : character;
    const last = pieces.at(-1) ?? '';
    if (last !== '' && widthOf(last) + widthOf(shown) > Math.max(1, width)) pieces.push(shown);
    else pieces[pieces.length - 1] = last + shown;
  }
  return pieces;
}

import { lineWidth, painted } from './line.ts';
import type { Line } from './line.ts';
import type { Paint } from './style.ts';

/** What stands below the finished lines: it is drawn anew while it changes. */
export interface LiveRegion {
  /** No wider than the screen. */
  readonly lines: readonly Line[];
  /** Where the cursor stands in it. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/** The part of a terminal that the screen needs. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * A terminal that is written from top to bottom. Finished lines go into the scrollback and are never touched again; only the live region
 * at the bottom is drawn anew, in one write, within synchronized output.
 */
export class LiveScreen {
  readonly #output: TerminalOutput;
  readonly #paint: Paint;
  #finished: Line[] = [];
  #shown: LiveRegion | undefined;
  #last = '';
  #endsEmpty = true;

  constructor(output: TerminalOutput, paint: Paint) {
    this.#output = output;
    this.#paint = paint;
  }

  /** The widest a line may be: the last column stays free, where terminals differ. */
  get width(): number {
    return Math.max(8, (this.#output.columns || 80) - 1);
  }

  get height(): number {
    return Math.max(4, this.#output.rows || 24);
  }

  /** Lines for the scrollback, no wider than the screen. They are written with the next `draw`. An empty line behind an empty one is dropped. */
  print(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.length > 0 || !this.#endsEmpty) this.#finished.push(line);
      this.#endsEmpty = line.length === 0;
    }
  }

  /** Writes what was printed, and the live region below it. */
  draw(region: LiveRegion): void {
    const live = this.#fitting(region);
    const rows = live.lines.map((line) => painted(line, this.#paint));
    const text = rows.join('\r\n') + place(live);
    if (this.#finished.length === 0 && text === this.#last) return;
    const finished = this.#finished.map((line) => `${painted(line, this.#paint)}\r\n`).join('');
    this.#finished = [];
    this.#output.write(`\u001b[?2026h${this.#erase()}${finished}${text}\u001b[?2026l`);
    this.#shown = live;
    this.#last = text;
  }

  /** Writes what was printed and takes the live region away. */
  end(): void {
    const finished = this.#finished.map((line) => `${painted(line, this.#paint)}\r\n`).join('');
    this.#finished = [];
    this.#output.write(`${this.#erase()}${finished}`);
    this.#shown = undefined;
    this.#last = '';
  }

  /** The screen has another size: what is shown stands elsewhere now. */
  resized(): void {
    this.#last = '';
  }

  /** From the cursor up to the region's first row, and all below it away. Rows that the terminal has wrapped anew are counted so. */
  #erase(): string {
    if (this.#shown === undefined) return '\r\u001b[J';
    const { lines, cursor } = this.#shown;
    const columns = this.#output.columns || 80;
    const rowsOf = (width: number) => Math.max(1, Math.ceil(width / columns));
    const above = lines
      .slice(0, cursor.row)
      .reduce((sum, line) => sum + rowsOf(lineWidth(line)), 0);
    const up = above + Math.floor(cursor.column / columns);
    return `\r${up > 0 ? `\u001b[${up}A` : ''}\u001b[J`;
  }

  /** The region's last rows, where it is higher than the screen: what has left the screen could not be drawn anew. */
  #fitting({ lines, cursor }: LiveRegion): LiveRegion {
    const most = this.height - 1;
    const last = Math.min(lines.length, Math.max(cursor.row + 1, most));
    const first = Math.max(0, Math.min(lines.length, last) - most);
    const column = Math.min(cursor.column, this.width);
    return { lines: lines.slice(first, last), cursor: { row: cursor.row - first, column } };
  }
}

/** From the region's end to the cursor's place. */
function place({ lines, cursor }: LiveRegion): string {
  const up = Math.max(0, lines.length - 1 - cursor.row);
  const right = cursor.column > 0 ? `\u001b[${cursor.column}C` : '';
  return `\r${up > 0 ? `\u001b[${up}A` : ''}${right}`;
}

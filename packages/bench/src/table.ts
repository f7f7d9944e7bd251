/** Rows under a heading. The first column names, the last says how it is; numbers stand between. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Changes how a line of a table looks, not how wide it is. */
export type Paint = (style: 'green' | 'red' | 'bold' | 'dim', text: string) => string;

const codes = { green: 32, red: 31, bold: 1, dim: 2 } as const;

/** Paints for a terminal, and nothing elsewhere or where `NO_COLOR` is set. */
export function paintFor({ isTTY = false }: { readonly isTTY?: boolean }): Paint {
  const colours = isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return (style, text) => (colours ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}

/** Aligned columns, as wide as the widest of `among`, so that tables under each other line up. */
export function toText(table: Table, paint: Paint, among: readonly Table[] = [table]): string {
  const widths = table.head.map((_, at) =>
    Math.max(...among.flatMap(linesOf).map((line) => (line[at] ?? '').length)),
  );
  const last = table.head.length - 1;
  const [head = '', ...rows] = linesOf(table).map((line) =>
    widths
      .map((width, at) => {
        const cell = line[at] ?? '';
        if (at === last) return cell;
        return at === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('   ')
      .trimEnd(),
  );
  const painted = rows.map((row, at) => coloured(row, paint, table.rows[at]?.at(-1)));
  return [paint('bold', head), ...painted].join('\n');
}

function linesOf({ caption, head, rows }: Table): readonly (readonly string[])[] {
  return [
    [`  ${caption}`, ...head.slice(1)],
    ...rows.map(([name, ...cells]) => [`    ${name}`, ...cells]),
  ];
}

function coloured(line: string, paint: Paint, verdict = ''): string {
  if (verdict.endsWith('not met') || verdict.startsWith('failed')) return paint('red', line);
  return verdict.endsWith('met') ? paint('green', line) : line;
}

/** The same in Markdown. */
export function toMarkdown({ caption, head, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, at) => (cells[at] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const rules = head.map((_, at) => (at === 0 || at === head.length - 1 ? '---' : '---:'));
  return [line([caption, ...head.slice(1)]), line(rules), ...rows.map(line)].join('\n');
}

/** Three digits that matter, thousands apart. */
export function toDigits(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
    maximumFractionDigits: digits,
  });
}

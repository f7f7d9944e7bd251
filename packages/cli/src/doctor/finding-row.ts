import { linesOf, span, wrap } from '../terminal/line.ts';
import type { Finding } from './report.ts';

/** How an outcome is shown. */
export const marks = { good: '✓', odd: '~', bad: '✗', skipped: '-' } as const;

/** A finding as a row of the table, and what to do about it below. Broken where it meets the edge of a screen of so many columns. */
export function findingRow(
  { name, need, outcome, says, use, docs }: Finding,
  columns = Number.POSITIVE_INFINITY,
): string {
  const isNarrow = columns < 60;
  const indent = ' '.repeat(isNarrow ? 2 : 25);
  const head = `${marks[outcome]} ${name.padEnd(15)} ${need.padEnd(7)}`;
  const advice = use === undefined ? '' : `; use ${JSON.stringify(use)}`;
  const rows = [
    ...(isNarrow ? [head.trimEnd(), `${indent}${says}`] : [head + says]),
    ...(outcome === 'good' || outcome === 'skipped' ? [] : [`${indent}see ${docs}${advice}`]),
  ];
  return rows.map((row) => broken(row, columns, indent)).join('\n');
}

function broken(text: string, columns: number, indent: string): string {
  const lines = linesOf(text).flatMap((line) => wrap(line, columns, [span(indent)]));
  return lines
    .map((line) =>
      line
        .map((piece) => piece.text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

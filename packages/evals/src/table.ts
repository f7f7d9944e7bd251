import { stripVTControlCharacters, styleText } from 'node:util';
import { deviationOf, meanOf } from './evaluation.ts';
import { hasFailed } from './report.ts';
import type { EvaluationReport, TrialReport } from './report.ts';

/** An evaluation as lines for a terminal: a row for each row of the data, a column for each scorer, and what has failed. */
export function tableOf(report: EvaluationReport): string {
  const names = Object.keys(report.scorers);
  const rows = byRow(report.results);
  const body = rows.map((trials) => [
    cut(trials[0]?.name ?? ''),
    ...names.map((name) => cell(trials.map(({ scores }) => scores[name]?.score ?? null))),
    trials.some(hasFailed) ? `${trials.filter(hasFailed).length} of ${trials.length} failed` : '',
  ]);
  const means = names.map((name) => {
    const { mean, deviation } = report.scorers[name] ?? { mean: null, deviation: 0 };
    return shown(mean, deviation);
  });
  const lines = aligned([['', ...names, ''], ...body, ['mean', ...means, '']]);
  return [head(report), ...lines, ...failuresOf(report), foot(report), ''].join('\n');
}

function head({ name, rows, trials, score, passed, problem }: EvaluationReport): string {
  const times = trials === 1 ? '' : ` × ${trials} trials`;
  const verdict = passed ? styleText('green', 'passed') : styleText('red', `failed: ${problem}`);
  return `\n${styleText('bold', line(name))}  ${count(rows, 'row')}${times}  ${shown(score, 0)}  ${verdict}`;
}

function foot({ durationMs, usage }: EvaluationReport): string {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`;
  if (usage === undefined) return `  ${seconds}`;
  const { inputTokens, cachedTokens, outputTokens, costUsd, estimated } = usage;
  const tokens = `${inputTokens} tokens in (${cachedTokens} cached), ${outputTokens} out${estimated ? ', estimated' : ''}`;
  const cost = costUsd === undefined ? 'cost unknown' : `$${costUsd.toFixed(4)}`;
  return `  ${seconds}, ${tokens}, ${cost}`;
}

/** Each failure once, with how many trials it befell. */
function failuresOf({ results }: EvaluationReport): readonly string[] {
  const times = new Map<string, number>();
  for (const { name, error, scores } of results) {
    const told =
      error === undefined
        ? Object.entries(scores).flatMap(([scorer, score]) =>
            score.error === undefined ? [] : [`${scorer}: ${score.error}`],
          )
        : [error];
    for (const words of told) {
      const failure = `  ✗ ${cut(name)}: ${line(words)}`;
      times.set(failure, (times.get(failure) ?? 0) + 1);
    }
  }
  return [...times].map(([failure, count]) =>
    count === 1 ? failure : `${failure} (${count} times)`,
  );
}

function byRow(results: readonly TrialReport[]): readonly (readonly TrialReport[])[] {
  const rows = new Map<number, TrialReport[]>();
  for (const result of results) rows.set(result.row, [...(rows.get(result.row) ?? []), result]);
  return [...rows.values()];
}

function cell(scores: readonly (number | null)[]): string {
  const judged = scores.filter((score) => score !== null);
  return shown(meanOf(judged), deviationOf(judged));
}

function shown(mean: number | null, deviation: number): string {
  if (mean === null) return '–';
  return deviation === 0 ? mean.toFixed(2) : `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    `  ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const widest = 40;

function cut(text: string): string {
  const one = line(text);
  return one.length > widest ? `${one.slice(0, widest - 1)}…` : one;
}

/** On one line, without what a terminal would obey. */
function line(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

import type { Settings } from './options.ts';
import { orAborted } from './or-aborted.ts';
import { hasFailed } from './report.ts';
import type { EvaluationReport, Summary, TrialReport } from './report.ts';
import { shown } from './shown.ts';
import { sumOf } from './total-usage.ts';
import { runTrial } from './trial.ts';

/** Runs all trials, so many at the same time. Rejects where the data cannot be had; all else is told in the report. */
export async function runEvaluation<Input, Output, Expected>(
  name: string,
  settings: Settings<Input, Output, Expected>,
  signal: AbortSignal,
): Promise<EvaluationReport> {
  const startedAt = performance.now();
  const { data, trials, concurrency, threshold } = settings;
  const rows = typeof data === 'function' ? await orAborted(signal, data) : data;
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new Error(`The evaluation "${name}" has no rows: its data is empty.`);
  }
  const odd = rows.findIndex((row) => typeof row !== 'object' || row === null || !('input' in row));
  if (odd >= 0) {
    const is = `row ${odd + 1} of its data is ${shown(rows[odd])}`;
    throw new Error(`The evaluation "${name}" cannot run: ${is}, but it must be { input }.`);
  }
  const waiting = rows.flatMap((row, at) =>
    Array.from({ length: trials }, (_, index) => ({ row, rowNumber: at + 1, trial: index + 1 })),
  );
  const results: TrialReport[] = Array.from({ length: waiting.length });
  const queue = waiting.entries();
  const worker = async (): Promise<void> => {
    for (const [at, trial] of queue) results[at] = await runTrial(trial, settings, signal);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const names = settings.scorers.map((scorer) => scorer.name);
  const scorers = Object.fromEntries(names.map((scorer) => [scorer, summaryOf(results, scorer)]));
  const score = meanOf(Object.values(scorers).flatMap(({ mean }) => mean ?? []));
  const facts = { score, scorers, results, ...(threshold === undefined ? {} : { threshold }) };
  const problem = problemOf(facts);
  const usage = sumOf(results.flatMap((result) => result.usage ?? []));
  return {
    name,
    passed: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    rows: rows.length,
    trials,
    ...facts,
    ...(usage === undefined ? {} : { usage }),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

function summaryOf(results: readonly TrialReport[], scorer: string): Summary {
  const scores = results.flatMap((result) => result.scores[scorer]?.score ?? []);
  return { mean: meanOf(scores), deviation: deviationOf(scores), judged: scores.length };
}

/** Null where there is nothing. */
export function meanOf(scores: readonly number[]): number | null {
  if (scores.length === 0) return null;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The standard deviation; 0 where there is nothing. */
export function deviationOf(scores: readonly number[]): number {
  const mean = meanOf(scores) ?? 0;
  return Math.sqrt(meanOf(scores.map((score) => (score - mean) ** 2)) ?? 0);
}

/** Sums of numbers with a fraction are a little off. */
const rounding = 1e-9;

function problemOf(facts: Pick<EvaluationReport, 'score' | 'scorers' | 'results' | 'threshold'>) {
  const { score, scorers, results, threshold } = facts;
  const failed = results.filter(hasFailed);
  const failures =
    failed.length === 0 ? '' : ` ${failed.length} of ${results.length} trials failed.`;
  if (score === null) return `Nothing was judged: every scorer gave null.${failures}`;
  if (threshold === undefined) return failed.length === 0 ? undefined : failures.trim();
  const means = Object.entries(scorers).map(([name, { mean }]) => [name, mean] as const);
  const wanted = typeof threshold === 'number' ? { 'the mean score': threshold } : threshold;
  const had = new Map([...means, ['the mean score', score] as const]);
  const short = Object.entries(wanted).flatMap(([name, least]) => {
    const mean = had.get(name);
    if (mean === undefined)
      return [`there is no scorer "${name}", only ${means.map(([one]) => one).join(', ')}`];
    if (mean === null) return [`${name} judged nothing`];
    return mean + rounding >= least ? [] : [`${name} is ${mean.toFixed(3)}, below ${least}`];
  });
  return short.length === 0 ? undefined : `${capital(short.join('; '))}.${failures}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

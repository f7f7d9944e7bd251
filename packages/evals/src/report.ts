import type { Usage } from '@throughline/core';

/** What became of an evaluation, as plain JSON. */
export interface EvaluationReport {
  readonly name: string;
  /** Whether it reached its threshold; without one, whether no trial failed. */
  readonly passed: boolean;
  /** Says what is missing, where it has not passed. */
  readonly problem?: string;
  readonly rows: number;
  readonly trials: number;
  readonly threshold?: number | Readonly<Record<string, number>>;
  /** The mean of all scorers; null where nothing was judged. */
  readonly score: number | null;
  readonly scorers: Readonly<Record<string, Summary>>;
  /** All trials, those of one row together. */
  readonly results: readonly TrialReport[];
  /** Of all watched runs. */
  readonly usage?: Usage;
  readonly durationMs: number;
}

/** The scores of one scorer. */
export interface Summary {
  /** Null where it judged nothing. */
  readonly mean: number | null;
  /** The standard deviation over all trials. */
  readonly deviation: number;
  readonly judged: number;
}

/** What became of one trial of one row. */
export interface TrialReport {
  /** Counted from 1. */
  readonly row: number;
  readonly name: string;
  /** Counted from 1. */
  readonly trial: number;
  readonly input: unknown;
  readonly expected?: unknown;
  readonly output?: unknown;
  readonly scores: Readonly<Record<string, TrialScore>>;
  /** Why the task has failed. */
  readonly error?: string;
  readonly usage?: Usage;
  readonly durationMs: number;
}

/** What a scorer said of a trial: 0 and why where it, or the task, has failed. */
export interface TrialScore {
  readonly score: number | null;
  readonly metadata?: unknown;
  readonly error?: string;
}

/** Whether its task or a scorer has failed. */
export function hasFailed({ error, scores }: TrialReport): boolean {
  return error !== undefined || Object.values(scores).some((score) => score.error !== undefined);
}

/** In characters of JSON. */
const longest = 10_000;

/** A value as a report keeps it: as JSON, and cut where it is long. */
export function kept(value: unknown): unknown {
  const text = jsonOf(value);
  if (text === undefined) return undefined;
  if (text.length <= longest) return JSON.parse(text) as unknown;
  return `${text.slice(0, longest)}… (${text.length} characters)`;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return '"a value that is no JSON"'; // it holds itself, or a bigint
  }
}

/** The message of a thrown value, which need not be an Error or convertible to a text. */
export function wordsOf(thrown: unknown): string {
  const words = messageOf(thrown);
  return words.length > 2000 ? `${words.slice(0, 2000)}…` : words;
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  } catch {
    return 'a value was thrown that has no message';
  }
}

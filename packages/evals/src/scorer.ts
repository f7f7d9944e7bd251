import type { RunEvent, RunResult } from '@throughline/core';

/** What a scorer judges: one trial of one row. */
export interface Scored<Input = unknown, Output = unknown, Expected = unknown> {
  readonly input: Input;
  readonly output: Output;
  /** Of the row; undefined where it has none. */
  readonly expected: Expected;
  /** Of all runs that the task has watched, in order. */
  readonly events: readonly RunEvent[];
  /** Of the run that the task watched last; undefined where it watched none. */
  readonly result: RunResult<unknown> | undefined;
}

/** From 0 (bad) to 1 (good). `null`: this trial cannot be judged, and counts for nothing. */
export interface Score {
  readonly score: number | null;
  /** Why, for those who read the report; as JSON. */
  readonly metadata?: unknown;
}

/** Judges a trial. It may be asynchronous; one that throws makes the trial a failed one. */
export type Scorer<Input = never, Output = never, Expected = never> = (
  scored: Scored<Input, Output, Expected>,
) => number | null | Score | Promise<number | null | Score>;

/** A scorer over events, under a name that says what it wants. */
export function named(name: string, score: (scored: Scored) => number | null | Score): EventScorer {
  return Object.defineProperty((scored: Scored) => score(scored), 'name', { value: name });
}

/** A scorer that looks at the events alone, and so fits every evaluation. */
export type EventScorer = (scored: Scored) => number | null | Score;

import { checkOptions, ThroughlineError } from '@throughline/core';
import type { Run, RunResult } from '@throughline/core';
import type { Scored, Scorer } from './scorer.ts';
import { shown } from './shown.ts';

/** One thing to ask. */
export interface Row<Input, Expected> {
  readonly input: Input;
  readonly expected?: Expected;
  /** In the table. Default: the input, cut. */
  readonly name?: string;
}

/** What a task is given beside its input. */
export interface TaskScope {
  /** Aborted when the trial takes too long, and when vitest is stopped. */
  readonly signal: AbortSignal;
  /** Counted from 1. */
  readonly trial: number;
  /** Reads a run to its end, so that the scorers see its events, and gives its result. Aborts it when `signal` aborts. */
  watch<Output>(run: Run<Output>): Promise<RunResult<Output>>;
}

/** What to ask, whom, and how to judge. */
export interface EvaluateOptions<Input, Output, Expected> {
  readonly data:
    | readonly Row<Input, Expected>[]
    | (() => readonly Row<Input, Expected>[] | Promise<readonly Row<Input, Expected>[]>);
  /** Asked for each row, in each trial. One that throws makes the trial a failed one, which scores 0. */
  readonly task: (input: Input, scope: TaskScope) => Output | Promise<Output>;
  readonly scorers: readonly Scorer<Input, Output, Expected>[];
  /** How often each row is asked. Default: 1. */
  readonly trials?: number;
  /**
   * The least mean score, from 0 to 1: of all scorers together, or of some by name. Below it the evaluation fails. A failed trial counts as 0.
   * Default: none; then the evaluation fails where a trial has failed.
   */
  readonly threshold?: number | Readonly<Record<string, number>>;
  /** How many trials run at the same time. Default: 4. */
  readonly concurrency?: number;
  /** How long a trial may take, in milliseconds; then it has failed, also where the task ignores its signal. Default: 300,000. */
  readonly timeoutMs?: number;
}

/** The options with every default filled in. */
export type Settings<Input, Output, Expected> = Required<
  Omit<EvaluateOptions<Input, Output, Expected>, 'threshold' | 'scorers'>
> &
  Pick<EvaluateOptions<Input, Output, Expected>, 'threshold'> & {
    readonly scorers: readonly NamedScorer[];
  };

/** A scorer under a name that no other one of its evaluation has. */
export interface NamedScorer {
  readonly name: string;
  readonly score: (scored: Scored) => unknown;
}

/** Throws `invalid_option` for the first option that is none, or whose value is none. */
export function settle<Input, Output, Expected>(
  name: string,
  options: EvaluateOptions<Input, Output, Expected>,
): Settings<Input, Output, Expected> {
  const where = `evaluate(${JSON.stringify(name)})`;
  if (typeof name !== 'string' || name === '') refuse(where, 'the name', name, 'a text');
  checkOptions(where, options, known);
  const {
    data,
    task,
    scorers,
    trials = 1,
    threshold,
    concurrency = 4,
    timeoutMs = 300_000,
  } = options;
  if (!Array.isArray(data) && typeof data !== 'function') {
    refuse(where, 'data', data, 'a list of rows, or a function that gives one');
  }
  if (typeof task !== 'function') refuse(where, 'task', task, 'a function');
  const fits = Array.isArray(scorers) && scorers.every((one) => typeof one === 'function');
  if (!fits || scorers.length === 0) refuse(where, 'scorers', scorers, 'a list of functions');
  for (const [option, value] of Object.entries({ trials, concurrency, timeoutMs })) {
    if (!Number.isInteger(value) || value < 1)
      refuse(where, option, value, 'a whole number from 1');
  }
  if (threshold !== undefined) checkThreshold(where, threshold);
  return {
    data,
    task,
    scorers: withNames(scorers),
    trials,
    concurrency,
    timeoutMs,
    ...(threshold === undefined ? {} : { threshold }),
  };
}

const known: Readonly<Record<keyof EvaluateOptions<unknown, unknown, unknown>, true>> = {
  data: true,
  task: true,
  scorers: true,
  trials: true,
  threshold: true,
  concurrency: true,
  timeoutMs: true,
};

function withNames(scorers: readonly Scorer[]): readonly NamedScorer[] {
  const taken = new Map<string, number>();
  return scorers.map((scorer, at) => {
    const name = scorer.name === '' ? `scorer ${at + 1}` : scorer.name;
    const before = taken.get(name) ?? 0;
    taken.set(name, before + 1);
    const score = scorer as unknown as NamedScorer['score'];
    return { name: before === 0 ? name : `${name} (${before + 1})`, score };
  });
}

function checkThreshold(where: string, threshold: unknown): void {
  const isObject = typeof threshold === 'object' && threshold !== null;
  const all = isObject ? Object.entries(threshold) : [['', threshold] as const];
  for (const [scorer, least] of all) {
    const option = scorer === '' ? 'threshold' : `threshold[${JSON.stringify(scorer)}]`;
    const holds = typeof least === 'number' && least >= 0 && least <= 1;
    if (!holds) refuse(where, option, least, 'a number from 0 to 1');
  }
}

function refuse(where: string, option: string, value: unknown, wanted: string): never {
  const told = `${where}: ${option} is ${shown(value)}, but it must be ${wanted}.`;
  throw new ThroughlineError('invalid_option', told);
}

import type { Run, RunEvent, RunResult } from '@throughline/core';
import type { NamedScorer, Row, Settings } from './options.ts';
import { orAborted } from './or-aborted.ts';
import { kept, wordsOf } from './report.ts';
import type { TrialReport, TrialScore } from './report.ts';
import type { Score, Scored } from './scorer.ts';
import { shown } from './shown.ts';
import { totalUsage } from './total-usage.ts';

/** One row, to be asked for the so-manieth time. */
export interface Trial<Input, Expected> {
  readonly row: Row<Input, Expected>;
  readonly rowNumber: number;
  readonly trial: number;
}

/** Asks the task and the scorers. Never rejects: what throws is told in the report. */
export async function runTrial<Input, Output, Expected>(
  { row, rowNumber, trial }: Trial<Input, Expected>,
  settings: Settings<Input, Output, Expected>,
  stop: AbortSignal,
): Promise<TrialReport> {
  const startedAt = performance.now();
  const events: RunEvent[] = [];
  const { input, expected } = row;
  const about = {
    row: rowNumber,
    name: row.name ?? labelOf(input),
    trial,
    input: kept(input),
    ...(expected === undefined ? {} : { expected: kept(expected) }),
  };
  const told = (rest: Pick<TrialReport, 'scores' | 'error' | 'output'>): TrialReport => {
    const usage = totalUsage(events);
    const durationMs = Math.round(performance.now() - startedAt);
    return { ...about, ...rest, ...(usage === undefined ? {} : { usage }), durationMs };
  };
  const clock = new Clock(settings.timeoutMs, stop);
  const { signal } = clock;
  const watching: Watching = { events, result: undefined };
  const watch = <T>(run: Run<T>) => watched(run, watching, signal);
  try {
    const output = await clock.within(async () => settings.task(input, { signal, trial, watch }));
    const scored = { input, output, expected, events, result: watching.result };
    const judged = settings.scorers.map((scorer) => judge(scorer, scored, clock));
    const scores = Object.fromEntries(await Promise.all(judged));
    return told({ scores, output: kept(output) });
  } catch (error) {
    const failed = { score: 0, error: 'the task failed' };
    return told({
      scores: Object.fromEntries(settings.scorers.map(({ name }) => [name, failed])),
      error: wordsOf(error),
    });
  } finally {
    clock.stop();
  }
}

interface Watching {
  readonly events: RunEvent[];
  result: RunResult<unknown> | undefined;
}

async function watched<T>(
  run: Run<T>,
  watching: Watching,
  signal: AbortSignal,
): Promise<RunResult<T>> {
  const abort = () => run.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    for await (const event of run) watching.events.push(event);
    const result = await run.result;
    watching.result = result;
    return result;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** 24.8 days: a longer time would make a timer fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** How long one trial may take. */
class Clock {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(timeoutMs: number, stop: AbortSignal) {
    this.signal = AbortSignal.any([this.#controller.signal, stop]);
    const late = () =>
      this.#controller.abort(new Error(`The trial took longer than ${timeoutMs} ms (timeoutMs).`));
    this.#timer = setTimeout(late, Math.min(timeoutMs, longestTimerMs));
  }

  /** What `work` gives; rejects at once when the time is up, also where it ignores the signal. */
  within<T>(work: () => Promise<T>): Promise<T> {
    return orAborted(this.signal, work);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function judge(
  { name, score }: NamedScorer,
  scored: Scored,
  clock: Clock,
): Promise<readonly [string, TrialScore]> {
  try {
    return [name, scoreOf(await clock.within(async () => score(scored)))];
  } catch (error) {
    return [name, { score: 0, error: wordsOf(error) }];
  }
}

function scoreOf(said: unknown): TrialScore {
  const isObject = typeof said === 'object' && said !== null;
  const { score, metadata } = (isObject ? said : { score: said }) as Partial<Score>;
  if (score !== null && !(typeof score === 'number' && score >= 0 && score <= 1)) {
    throw new Error(`It gave ${shown(said)}; a score is a number from 0 to 1, or null.`);
  }
  return { score, ...(metadata === undefined ? {} : { metadata: kept(metadata) }) };
}

function labelOf(input: unknown): string {
  return typeof input === 'string' ? input : String(JSON.stringify(kept(input)));
}

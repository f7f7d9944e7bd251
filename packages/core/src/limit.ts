import { ThroughlineError } from './error.ts';
import type { LimitReading } from './event.ts';
import type { Usage } from './model.ts';

/** What a run has used so far. */
export interface Spent {
  readonly steps: number;
  /** Calls by tool name, whether they ran or not. */
  readonly calls: ReadonlyMap<string, number>;
  readonly usage: Usage;
  readonly elapsedMs: number;
  /** The thing that came most often: one call with one result, or one text beside calls. */
  readonly repeated: { readonly count: number; readonly what: string };
}

/**
 * What happens when a limit is reached. `answer`: one last step without calls, so that the run still ends
 * with an answer. `stop`: the run ends at once. `throw`: it rejects with `limit_reached`.
 */
export type AtLimit = 'answer' | 'stop' | 'throw';

/** A bound on a run, looked at before each step. Write your own, or take one of `limit`. */
export interface Limit {
  readonly atLimit: AtLimit;
  /** How much is used of how much. Undefined: nothing to say. Must depend on `spent` alone. */
  read(spent: Spent): LimitReading | undefined;
  /** Words for the model before the limit is reached; each is said once. Must depend on `spent` alone. */
  note?(spent: Spent): string | undefined;
  /** The run's time is up after so many milliseconds, also in the middle of an answer or a call. */
  readonly withinMs?: number;
  /** An answer's reasoning may not grow beyond so many characters. */
  readonly reasoningChars?: number;
}

interface LimitOptions {
  /** Default: `answer`. */
  readonly atLimit?: AtLimit;
}

interface RepeatOptions extends LimitOptions {
  /** The model is told at this count. Default: 3. */
  readonly note?: number;
  /** The model is told firmly. Default: 4. */
  readonly warn?: number;
  /** The limit. Default: 5. */
  readonly max?: number;
  /** So much reasoning in one answer is thinking without end. Default: 200,000 characters. */
  readonly reasoningChars?: number;
}

/** The ready-made limits. Each throws `invalid_option` for a bound that is not above zero. */
export const limit = {
  /** At most so many questions to the model, the last answer without calls not counted. */
  steps: (max: number, options?: LimitOptions): Limit =>
    bound('steps', max, ({ steps }) => steps, options),
  /** At most so many tokens, read and written, over all steps. */
  tokens: (max: number, options?: LimitOptions): Limit =>
    bound('tokens', max, ({ usage }) => usage.inputTokens + usage.outputTokens, options),
  /** At most so many US dollars. Counts nothing where the model's price is not known. */
  cost: ({ usd }: { readonly usd: number }, options?: LimitOptions): Limit =>
    bound('cost', usd, ({ usage }) => usage.costUsd ?? 0, options),
  /** At most so many milliseconds. When they are up, an answer or a call under way is cut off. */
  time: ({ ms }: { readonly ms: number }, options?: LimitOptions): Limit => ({
    ...bound('milliseconds', ms, ({ elapsedMs }) => elapsedMs, options),
    withinMs: ms,
  }),
  /** At most so many calls, of one tool or of all. */
  calls: (max: number, options: LimitOptions & { readonly name?: string } = {}): Limit =>
    bound(
      options.name === undefined ? 'calls' : `calls of ${options.name}`,
      max,
      ({ calls }) => (options.name === undefined ? sum(calls) : (calls.get(options.name) ?? 0)),
      options,
    ),
  /** Against going round in circles: the same call with the same result, or the same text, again and again. */
  repeats: (options: RepeatOptions = {}): Limit => {
    const { note = 3, warn = 4, max = 5, reasoningChars = 200_000 } = options;
    checkBound('repeats', Math.min(note, warn, reasoningChars));
    return {
      ...bound('repeats', max, ({ repeated }) => repeated.count, options),
      reasoningChars,
      note: ({ repeated: { count, what } }) => {
        if (count === note)
          return `You have made ${what} ${count} times. Nothing new will come of it: use what you have, or try another way.`;
        if (count === warn)
          return `Again ${what}, for the ${count}th time. Do not repeat it. Answer with what you know, and say what is missing.`;
        return undefined;
      },
    };
  },
};

function bound(
  name: string,
  max: number,
  used: (spent: Spent) => number,
  { atLimit = 'answer' }: LimitOptions = {},
): Limit {
  checkBound(name, max);
  return { atLimit, read: (spent) => ({ name, used: used(spent), max }) };
}

function checkBound(name: string, max: number): void {
  if (typeof max === 'number' && max > 0) return;
  const how = {
    cost: ' Write limit.cost({ usd: 0.5 }).',
    milliseconds: ' Write limit.time({ ms: 60_000 }).',
  };
  const hint = max === undefined ? (how[name as keyof typeof how] ?? '') : '';
  throw new ThroughlineError(
    'invalid_option',
    `The limit "${name}" is ${String(max)}; it must be a number above 0.${hint}`,
  );
}

function sum(counts: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}

/** A limit that is reached, and what is to happen. */
export interface Reached {
  readonly reading: LimitReading;
  readonly atLimit: AtLimit;
}

/** The first of the limits that is reached. */
export function reachedLimit(limits: readonly Limit[], spent: Spent): Reached | undefined {
  for (const one of limits) {
    const reading = one.read(spent);
    if (reading !== undefined && reading.used >= reading.max) {
      return { reading, atLimit: one.atLimit };
    }
  }
  return undefined;
}

/** The limits of which four fifths are used. */
export function nearLimits(limits: readonly Limit[], spent: Spent): readonly LimitReading[] {
  return limits.flatMap((one) => {
    const reading = one.read(spent);
    return reading !== undefined && reading.used >= reading.max * 0.8 ? [reading] : [];
  });
}

import { ThroughlineError } from './error.ts';
import type { LimitReading } from './event.ts';
import type { Usage } from './model.ts';

/** What a run has used so far. */
export interface Spent {
  readonly steps: number;
  /** Calls by tool name, whether they ran or not. */
  readonly calls: ReadonlyMap<string, number>;
  readonly usage: Usage;
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
}

interface LimitOptions {
  /** Default: `answer`. */
  readonly atLimit?: AtLimit;
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
  /** At most so many calls, of one tool or of all. */
  calls: (max: number, options: LimitOptions & { readonly name?: string } = {}): Limit =>
    bound(
      options.name === undefined ? 'calls' : `calls of ${options.name}`,
      max,
      ({ calls }) =>
        options.name === undefined
          ? [...calls.values()].reduce((sum, count) => sum + count, 0)
          : (calls.get(options.name) ?? 0),
      options,
    ),
};

function bound(
  name: string,
  max: number,
  used: (spent: Spent) => number,
  { atLimit = 'answer' }: LimitOptions = {},
): Limit {
  if (typeof max !== 'number' || !(max > 0)) {
    throw new ThroughlineError(
      'invalid_option',
      `The limit "${name}" is ${String(max)}; it must be a number above 0.`,
    );
  }
  return { atLimit, read: (spent) => ({ name, used: used(spent), max }) };
}

/** The first of the limits that is reached. */
export function reachedLimit(
  limits: readonly Limit[],
  spent: Spent,
): { readonly reading: LimitReading; readonly atLimit: AtLimit } | undefined {
  for (const { read, atLimit } of limits) {
    const reading = read(spent);
    if (reading !== undefined && reading.used >= reading.max) return { reading, atLimit };
  }
  return undefined;
}

/** The limits of which four fifths are used. */
export function nearLimits(limits: readonly Limit[], spent: Spent): readonly LimitReading[] {
  return limits.flatMap(({ read }) => {
    const reading = read(spent);
    return reading !== undefined && reading.used >= reading.max * 0.8 ? [reading] : [];
  });
}

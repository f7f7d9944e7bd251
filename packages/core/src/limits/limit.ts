// limits/ owns the bounds of a run: what is counted, when a limit is reached, how much time is left. It does not own what happens
// then: loop/ ends the run or asks for a last answer.

import { checkOptions, shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';
import type { LimitReading } from '../base/event.ts';
import type { Usage } from '../base/model.ts';

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
  /** How much of the limit is used. Undefined where the limit does not apply. Must depend on `spent` alone. */
  read(spent: Spent): LimitReading | undefined;
  /** A text that the model reads before the limit is reached; each text once. Must depend on `spent` alone. */
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

const known: Readonly<Record<keyof LimitOptions, true>> = { atLimit: true };
const knownOfRepeats: Readonly<Record<keyof RepeatOptions, true>> = {
  note: true,
  warn: true,
  max: true,
  reasoningChars: true,
  atLimit: true,
};

/** At most so many questions to the model, the last answer without calls not counted. */
export function steps(max: number, options?: LimitOptions): Limit {
  checkOptions('limit.steps()', options ?? {}, known);
  return limitOf('steps', max, ({ steps }) => steps, options);
}

/** At most so many tokens, read and written, over all steps. */
function tokens(max: number, options?: LimitOptions): Limit {
  checkOptions('limit.tokens()', options ?? {}, known);
  return limitOf('tokens', max, ({ usage }) => usage.inputTokens + usage.outputTokens, options);
}

/** At most so many US dollars. Counts nothing where the model's price is not known. */
function cost(most: { readonly usd: number }, options?: LimitOptions): Limit {
  if (typeof most === 'object') checkOptions('limit.cost()', most, { usd: true });
  checkOptions('limit.cost()', options ?? {}, known);
  return limitOf('cost', most.usd, ({ usage }) => usage.costUsd ?? 0, options);
}

/** At most so many milliseconds. When they are up, an answer or a call under way is cut off. */
function time(most: { readonly ms: number }, options?: LimitOptions): Limit {
  if (typeof most === 'object') checkOptions('limit.time()', most, { ms: true });
  checkOptions('limit.time()', options ?? {}, known);
  const { ms } = most;
  return { ...limitOf('milliseconds', ms, ({ elapsedMs }) => elapsedMs, options), withinMs: ms };
}

/** At most so many calls, of one tool or of all. */
function calls(max: number, options: LimitOptions & { readonly name?: string } = {}): Limit {
  checkOptions('limit.calls()', options, { ...known, name: true });
  const { name } = options;
  return limitOf(
    name === undefined ? 'calls' : `calls of ${name}`,
    max,
    ({ calls }) => (name === undefined ? sum(calls) : (calls.get(name) ?? 0)),
    options,
  );
}

/** Bounds repetition: the same call with the same result, or the same text beside calls. */
export function repeats(options: RepeatOptions = {}): Limit {
  checkOptions('limit.repeats()', options, knownOfRepeats);
  const { note = 3, warn = 4, max = 5, reasoningChars = 200_000 } = options;
  checkBound('repeats', Math.min(note, warn, reasoningChars));
  return {
    ...limitOf('repeats', max, ({ repeated }) => repeated.count, options),
    reasoningChars,
    note: ({ repeated: { count, what } }) => {
      if (count === note)
        return `You have made ${what} ${count} times. Nothing new will come of it: use what you have, or try another way.`;
      if (count === warn)
        return `Again ${what}, for the ${ordinal(count)} time. Do not repeat it. Answer with what you know, and say what is missing.`;
      return undefined;
    },
  };
}

/** The ready-made limits. Each throws `invalid_option` for a bound that is not above zero. */
export const limit = { steps, tokens, cost, time, calls, repeats };

function limitOf(
  name: string,
  max: number,
  used: (spent: Spent) => number,
  { atLimit = 'answer' }: LimitOptions = {},
): Limit {
  checkBound(name, max);
  if (atLimit !== 'answer' && atLimit !== 'stop' && atLimit !== 'throw') {
    throw new ThroughlineError(
      'invalid_option',
      `The limit "${name}" has the atLimit ${shown(atLimit)}; it is "answer", "stop" or "throw".`,
    );
  }
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
    `The limit "${name}" is ${shown(max)}; it must be a number above 0.${hint}`,
  );
}

function ordinal(count: number): string {
  const suffix = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' };
  return `${count}${suffix[new Intl.PluralRules('en', { type: 'ordinal' }).select(count)]}`;
}

function sum(counts: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of counts.values()) all += count;
  return all;
}

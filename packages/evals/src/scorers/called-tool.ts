import { inputOf, ThroughlineError } from '@throughline/core';
import type { Json } from '@throughline/core';
import { callsMade } from '../calls-made.ts';
import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';

/** What a call must be like. */
export interface CalledToolOptions {
  /** How often, exactly. Default: once or more. */
  readonly times?: number;
  /** Only calls whose arguments this says yes to count. */
  readonly where?: (input: Json) => boolean;
}

/** 1 where the tool ran (so often, with such arguments), else 0. `times: 0` wants that it did not run. */
export function calledTool(name: string, { times, where }: CalledToolOptions = {}): EventScorer {
  if (times !== undefined && (!Number.isInteger(times) || times < 0)) {
    const told = `calledTool(): times is ${times}, but it must be a whole number from 0.`;
    throw new ThroughlineError('invalid_option', told);
  }
  const often = times === undefined ? '' : ` × ${times}`;
  return named(`calledTool(${name}${often})`, ({ events }) => {
    const made = callsMade(events);
    const calls = made.filter(
      (call) => call.name === name && (where === undefined || where(inputOf(call))),
    );
    const fits = times === undefined ? calls.length > 0 : calls.length === times;
    return { score: fits ? 1 : 0, metadata: { called: made.map((call) => call.name) } };
  });
}

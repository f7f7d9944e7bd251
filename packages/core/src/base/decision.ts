import { shown } from './check-options.ts';
import { ThroughlineError } from './error.ts';
import type { Json } from './model.ts';

/**
 * What a person says, or the host for them, of a call that waits: run it, refuse it, or take this result instead of running
 * it. One shape wherever it is given: `run.decide`, the `decide` option, `agent.resume`, and the recorded `call.decided`.
 */
export type Decision =
  /** The call runs. */
  | { readonly approve: true; readonly refuse?: never; readonly result?: never }
  /** The call does not run. The model reads that it was not approved, and these words. */
  | { readonly refuse: string; readonly approve?: never; readonly result?: never }
  /** The call does not run. The model reads this as what the tool returned: an answer to a question, an outcome looked up by hand. */
  | { readonly result: Json; readonly approve?: never; readonly refuse?: never };

/**
 * The decision that `value` is; a copy. Throws `invalid_decision` for all else: a spelling of yes that is taken for a no, or the
 * other way round, is worse than an error. `where` names the door it came through, e.g. `run.decide()`.
 */
export function checkDecision(where: string, value: unknown): Decision {
  const said = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [[key, what] = []] = said;
  if (said.length === 1) {
    if (key === 'approve' && what === true) return { approve: what };
    if (key === 'refuse' && typeof what === 'string') return { refuse: what };
    const text = key === 'result' ? jsonOf(what) : undefined;
    if (text !== undefined) return { result: JSON.parse(text) as Json };
  }
  throw invalidDecision(`${where} was given ${shown(value)} as a decision. ${decisionShapes}`);
}

/** Undefined for what JSON cannot say: a bigint, or what holds itself. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export function invalidDecision(message: string): ThroughlineError {
  return new ThroughlineError('invalid_decision', message);
}

const decisionShapes =
  "A decision is { approve: true }, { refuse: 'why' } or { result: what the model shall read }.";

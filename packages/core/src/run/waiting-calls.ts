import { placeOf } from '../base/call-place.ts';
import { shown } from '../base/check-options.ts';
import { checkDecision } from '../base/decision.ts';
import type { Decision } from '../base/decision.ts';
import { ThroughlineError } from '../base/error.ts';
import type { CallEnd } from '../base/event.ts';
import type { DecideCall } from '../options.ts';

/** The calls of a run that wait for a person, by the `id` of their `call.pending`. A decision is spent with the call that it names. */
export class WaitingCalls {
  #waiting: Map<string, (decision: Decision) => void> | undefined;
  /** Calls whose `call.pending` is told while they do not wait yet: a listener may decide at once. */
  #announced: Map<string, Decision | undefined> | undefined;

  announce(id: string): void {
    (this.#announced ??= new Map()).set(id, undefined);
  }

  /** Throws `not_pending` where no call waits under this id, and `invalid_decision` for what means neither yes nor no. */
  decide(id: string, decision: Decision): void {
    const checked = checkDecision('run.decide()', decision);
    const settle = this.#waiting?.get(id);
    if (settle !== undefined) {
      this.#waiting?.delete(id);
      settle(checked);
    } else if (this.#announced?.has(id) && this.#announced.get(id) === undefined) {
      this.#announced.set(id, checked);
    } else throw notPending(id, [...(this.#waiting?.keys() ?? [])]);
  }

  /** What was decided at once, if anything was. From now on the call counts as not announced. */
  takeEarly(id: string): Decision | undefined {
    const early = this.#announced?.get(id);
    this.#announced?.delete(id);
    return early;
  }

  wait(id: string): Promise<Decision> {
    const waiting = (this.#waiting ??= new Map());
    return new Promise<Decision>((resolve) => waiting.set(id, resolve));
  }

  /** The call waits no longer, decided or not. */
  forget(id: string): void {
    this.#waiting?.delete(id);
    this.#announced?.delete(id);
  }

  /** A call has ended: nothing in it waits any more. */
  end(call: CallEnd): void {
    if (this.#waiting === undefined) return;
    const inside = `${placeOf(call)}/`;
    for (const id of this.#waiting.keys()) if (id.startsWith(inside)) this.forget(id);
  }
}

/** What was decided before counts first, each decision once; then the host's functions are asked, in turn. */
export function decideInTurn(
  decisions: Map<string, Decision> | undefined,
  functions: readonly (DecideCall | undefined)[],
): DecideCall {
  return async (pending, scope) => {
    const given = decisions?.get(pending.id);
    decisions?.delete(pending.id);
    if (given !== undefined) return given;
    for (const decide of functions) {
      const said = await decide?.(pending, scope);
      if (said !== undefined) return checkDecision('The decide function', said);
    }
    return undefined;
  };
}

function notPending(id: string, waiting: readonly string[]): ThroughlineError {
  const ids = waiting.map((one) => `"${one}"`).join(', ');
  const next =
    ids === ''
      ? 'No call of this run waits. A run waits only where a decide function is passed, or call.pending has a listener; else it ends as suspended.'
      : `Waiting: ${ids}.`;
  return new ThroughlineError(
    'not_pending',
    `No call waits under the id ${shown(id)}. Pass the id of a call.pending event. ${next}`,
  );
}

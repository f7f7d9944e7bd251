import { Suspension } from '../record/recorder.ts';
import type { AroundCall, CallToRun } from '../tool/tool.ts';

/** Outer first. */
export function aroundInTurn(
  outer: AroundCall | undefined,
  inner: AroundCall | undefined,
): AroundCall | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return (call, next) => outer(call, () => inner(call, next));
}

/** A call that did not run must not look as if it had, none runs twice, and none once it has ended. */
export function wrapping(around: AroundCall, call: CallToRun, name: string) {
  return async (work: () => Promise<unknown>): Promise<unknown> => {
    let times = 0;
    let waits: Suspension | undefined;
    let hasEnded = false;
    const next = async () => {
      if (++times > 1) throw new Error(`aroundCalls ran the call of "${name}" a second time.`);
      if (hasEnded) throw new Error(`aroundCalls ran the call of "${name}" after its end.`);
      try {
        return await work();
      } catch (error) {
        if (error instanceof Suspension) waits = error;
        throw error;
      }
    };
    try {
      const value = await around(call, next);
      if (waits !== undefined) throw waits; // an agent inside waits for a person, whatever was made of that
      if (times === 0) throw new Error(`aroundCalls ended without running the call of "${name}".`);
      return value;
    } finally {
      hasEnded = true;
    }
  };
}

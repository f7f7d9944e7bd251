import type { RunEvent, SessionLog } from '@throughline/core';
import { planTold } from './update-plan.ts';
import type { PlanItem } from './update-plan.ts';

/**
 * The plan that an event tells: live a `call.progress` of `update_plan`, recorded its `call.end`. Undefined for every other event.
 * The tool may have been renamed by `prefix`. The plan of an agent inside a call is in the `event` of a `call.event`.
 */
export function planOf(event: RunEvent): readonly PlanItem[] | undefined {
  if (event.type !== 'call.progress' && event.type !== 'call.end') return undefined;
  if (!/(^|_)update_plan$/.test(event.name)) return undefined;
  const { data } = planTold.safeParse(event.type === 'call.end' ? event.output : event.progress);
  return data?.items;
}

/**
 * The plan as it stands in a session, `lastPlan(session.log)`; undefined where there was none yet. Agents inside calls have plans of
 * their own, which do not count here. Reads the log through, in batches.
 */
export async function lastPlan(log: SessionLog): Promise<readonly PlanItem[] | undefined> {
  let last: { readonly place: Place; readonly items: readonly PlanItem[] } | undefined;
  for await (const lines of log.read()) {
    for (const { runId, event } of lines) {
      if (event.type !== 'call.end' || event.runId !== runId) continue;
      const items = planOf(event);
      if (items === undefined || (last && isBefore(event, last.place))) continue;
      last = { place: event, items };
    }
  }
  return last?.items;
}

interface Place {
  readonly runId: string;
  readonly step: number;
  readonly call: number;
}

/** Calls of one answer may end in any order, above all where one ran again after a crash: the model's order counts. */
function isBefore(a: Place, b: Place): boolean {
  return a.runId === b.runId && a.step === b.step && a.call < b.call;
}

// calls/ owns the way of a call from the answer to its result: check, approval, schedule, run, what the model reads. It does not
// own which tools there are (tool/), or what the model is asked next (loop/).

import type { CallEnd, CallPending } from '../base/event.ts';
import { Suspension } from '../record/recorder.ts';
import type { CallBatch } from './call-batch.ts';
import { ScheduledCall } from './scheduled-call.ts';

/** What the calls came to: an end for each, in call order, unless some wait for a person. */
export interface Executed {
  readonly ends: readonly CallEnd[];
  readonly pending: readonly CallPending[];
}

/**
 * Takes every call of an answer to its end. Calls overlap as their effects allow. Rejects only when the
 * recorder does, and not before every call has settled.
 */
export async function execute(batch: CallBatch): Promise<Executed> {
  const scheduled: ScheduledCall[] = [];
  for (const [at, call] of (batch.answer.message.tool_calls ?? []).entries()) {
    scheduled.push(new ScheduledCall(call, at + 1, scheduled, batch));
  }
  if (scheduled.length === 0) return noCalls;
  const settled = await Promise.allSettled(scheduled.map(({ done }) => done));
  const ends: CallEnd[] = [];
  let pending: Map<string, CallPending> | undefined;
  for (const result of settled) {
    if (result.status === 'fulfilled') ends.push(result.value);
    else if (!(result.reason instanceof Suspension)) throw result.reason;
    else for (const one of result.reason.pending) (pending ??= new Map()).set(keyOf(one), one);
  }
  return { ends, pending: pending === undefined ? [] : [...pending.values()] };
}

const noCalls: Executed = { ends: [], pending: [] };

/** An agent inside a call has pending calls of its own, with places of its own. */
function keyOf({ runId, step, call }: CallPending): string {
  return `${runId} ${step} ${call}`;
}

import type { CallEnd, CallPending } from './event.ts';
import type { Execution } from './execution.ts';
import { Suspension } from './recorder.ts';
import { Track } from './track.ts';

/** What the calls came to: an end for each, in call order, unless some wait for a person. */
export interface Executed {
  readonly ends: readonly CallEnd[];
  readonly pending: readonly CallPending[];
}

/**
 * Takes every call of an answer to its end. Calls overlap as their effects allow. Rejects only when the
 * recorder does, and not before every call has settled.
 */
export async function execute(execution: Execution): Promise<Executed> {
  const tracks: Track[] = [];
  for (const [at, call] of (execution.answer.message.tool_calls ?? []).entries()) {
    tracks.push(new Track(call, at + 1, tracks.slice(), execution));
  }
  const settled = await Promise.allSettled(tracks.map(({ done }) => done));
  const ends: CallEnd[] = [];
  const pending = new Map<string, CallPending>();
  for (const result of settled) {
    if (result.status === 'fulfilled') ends.push(result.value);
    else if (!(result.reason instanceof Suspension)) throw result.reason;
    else for (const one of result.reason.pending) pending.set(keyOf(one), one);
  }
  return { ends, pending: [...pending.values()] };
}

/** An agent inside a call has pending calls of its own, with places of its own. */
function keyOf({ runId, step, call }: CallPending): string {
  return `${runId} ${step} ${call}`;
}

import { follow, orAborted, TimeUp } from '../base/abort.ts';
import type { Decision } from '../base/decision.ts';
import type { CallPending } from '../base/event.ts';
import type { Deadline } from '../limits/deadline.ts';
import type { DecideCall } from '../options.ts';
import type { Patience } from '../record/asking.ts';
import { Suspension } from '../record/recorder.ts';
import type { RunEvents } from './run-events.ts';
import type { WaitingCalls } from './waiting-calls.ts';

/** The run that a person is asked in. */
export interface AskingRun {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly deadline: Deadline | undefined;
  readonly calls: WaitingCalls;
  readonly events: RunEvents;
  readonly decide: DecideCall;
}

/**
 * Waits for a person only where the host has said that it answers: by `decide`, or by a listener for `call.pending`. Meanwhile
 * the handle decides, too. Once the time of the run that asks is up, it waits no longer: the call does, in the record. An agent inside
 * a call asks with `patience`.
 */
export async function askPerson(
  pending: CallPending,
  patience: Patience | undefined,
  run: AskingRun,
): Promise<Decision> {
  const { id } = pending;
  const { calls, events } = run;
  const isOwn = pending.runId === run.runId;
  const leftMs = await (isOwn ? run.deadline : patience)?.leftMs();
  const early = calls.takeEarly(id);
  if (early !== undefined) return early;
  const { signal, release } = follow([run.signal, patience?.signal], leftMs);
  try {
    const decided = calls.wait(id);
    const asked = run.decide(pending, { signal });
    const said = await orAborted(signal, Promise.race([decided, asked]));
    if (said !== undefined) return said;
    if (!events.has('call.pending')) throw new Suspension([pending]);
    // Asked before, of a listener of that time; or asked by an agent inside, whose events come as `call.event`.
    if (events.isKnown(pending)) events.emit({ ...pending });
    else if (!isOwn) events.notifyListeners(pending);
    return await orAborted(signal, decided);
  } catch (error) {
    if (error instanceof TimeUp && !run.signal.aborted) throw new Suspension([pending]);
    throw error;
  } finally {
    release();
    calls.forget(id);
  }
}

import { placeOf } from '../base/call-place.ts';
import type { CallPending, CallStart, Effect } from '../base/event.ts';

/** What the model reads of a `write` that was under way when the process died. */
export const outcomeUnknown =
  'The outcome of this call is unknown: the process died while it ran. It may or may not have taken effect. Find out before you call it again.';

/** The question to a person whether a call that may have taken effect shall run once more. */
export async function askAgain(start: CallStart, times: number): Promise<CallPending> {
  const { runId, step, call, callId, name, effect, arguments: text } = start;
  const ref = { runId, step, call, callId, name };
  // Another id than the first question's, so that a yes to that one is none to this one.
  const id = await decisionId(ref, `${text}\nmay have run, ${times}`);
  return { type: 'call.pending', ...ref, effect, arguments: text, id, mayHaveRun: true };
}

/** The start of the call that was asked about. */
export function startOf(asked: CallPending): CallStart {
  const { runId, step, call, callId, name, effect, arguments: text } = asked;
  return { type: 'call.start', runId, step, call, callId, name, effect, arguments: text };
}

/** The graver of two effects. A tool may have changed its own since its call was recorded. */
export function worst(one: Effect, other: Effect): Effect {
  const both = [one, other];
  return (
    both.find((effect) => effect === 'destructive') ?? (both.includes('write') ? 'write' : 'read')
  );
}

/** What a decision names: the call's place, readable, and a hash (128 bits of SHA-256) of its name and arguments. */
export async function decisionId(
  about: Pick<CallPending, 'runId' | 'step' | 'call' | 'name'>,
  text: string,
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([about.name, text]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).subarray(0, 16);
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${placeOf(about)}#${hash}`;
}

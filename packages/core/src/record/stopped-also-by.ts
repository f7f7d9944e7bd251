import { follow, orAborted } from '../base/abort.ts';
import type { Decision } from '../base/decision.ts';
import type { CallPending } from '../base/event.ts';
import type { Recorder } from './recorder.ts';

/** The same recorder, its steps also stopped by `signal`, its questions to a person first put to the host. */
export function stoppedAlsoBy(
  signal: AbortSignal,
  recorder: Recorder,
  decide: (pending: CallPending) => Promise<Decision>,
): Recorder {
  return {
    runId: recorder.runId,
    step: (key, fn) =>
      recorder.step(key, async (scope) => {
        const both = follow([scope.signal, signal]);
        try {
          return await fn({ ...scope, signal: both.signal });
        } finally {
          both.release();
        }
      }),
    gate: (key, about) =>
      orAborted(
        signal,
        recorder.gate(key, about, () => decide(about)),
      ),
    now: () => recorder.now(),
    uuid: () => recorder.uuid(),
    child: (key) => stoppedAlsoBy(signal, recorder.child(key), decide),
  };
}

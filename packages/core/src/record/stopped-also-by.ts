import { follow, orAborted } from '../base/abort.ts';
import type { AskPerson, Patience } from './asking.ts';
import type { Recorder } from './recorder.ts';

/** The same recorder, for a run that ends its steps and its waits for a person. Its questions are first put to the host. */
export function stoppedAlsoBy(own: Patience, recorder: Recorder, decide: AskPerson): Recorder {
  const { signal } = own;
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
    gate: (key, about, _ask, inner) =>
      orAborted(
        signal,
        recorder.gate(key, about, () => decide(about), inner ? shorter(own, inner) : own),
      ),
    now: () => recorder.now(),
    uuid: () => recorder.uuid(),
    child: (key) => stoppedAlsoBy(own, recorder.child(key), decide),
  };
}

function shorter(outer: Patience, { signal, leftMs }: Patience): Patience {
  return {
    signal,
    async leftMs() {
      const all = await Promise.all([outer.leftMs(), leftMs()]);
      const bounds = all.filter((ms) => ms !== undefined);
      return bounds.length === 0 ? undefined : Math.min(...bounds);
    },
  };
}

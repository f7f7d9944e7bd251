import type { LogEntry } from '../base/event.ts';
import type { AskPerson } from './asking.ts';
import { keyed } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import type { SessionRun } from './session.ts';

/**
 * Records a run in its session. What stands in the log is not done again; an entry is safe before its step is
 * over. A call that was begun by an earlier process, and has neither an end nor stopped in good order, is
 * a later attempt.
 */
export function sessionRecorder(
  run: SessionRun,
  options: {
    readonly signal: AbortSignal;
    readonly decide: AskPerson;
  },
): Recorder {
  const underWay = new Set(run.log.slice(run.settled).flatMap(startedCall));
  return keyed({
    ...options,
    runId: run.runId,
    log: run.log,
    record: async (entry) => {
      await run.record(entry);
      for (const call of startedCall(entry)) underWay.delete(call);
    },
    attempt: (key) => (underWay.has(callOf(key)) ? 2 : 1),
  });
}

function startedCall({ key, event }: LogEntry): readonly string[] {
  return event.type === 'call.start' ? [callOf(key)] : [];
}

/** `1/call/2/run/3/call/1/start` -> `1/call/2/run/3/call/1` */
function callOf(key: string): string {
  return /^(?:.*\/)?\d+\/call\/\d+(?=\/|$)/.exec(key)?.[0] ?? key;
}

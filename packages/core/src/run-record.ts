import type { RunOptions } from './agent-options.ts';
import { ThroughlineError, wordsOf } from './error.ts';
import type { CallPending, LogEntry, RunEnd, SuspendedRun } from './event.ts';
import type { Message } from './message.ts';
import { inProcess, stoppedAlsoBy } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import type { Session, SessionRun } from './session.ts';
import { sessionRecorder } from './session-recorder.ts';

/** What is taken up again, if anything is. */
export type TakenUp = SuspendedRun | Session;

/** Where a run is recorded, and what is recorded of it already. */
export interface RunRecord {
  readonly runId: string;
  /** The conversation before it. */
  readonly history: readonly Message[];
  /** What an earlier part of the run has recorded, and told. */
  readonly known: readonly LogEntry[];
  /** The log that grows in this process; undefined where it is kept elsewhere. */
  readonly log?: LogEntry[];
  recorder(signal: AbortSignal, decide: Decide): Recorder;
  /** Marks that the run stopped before its end, in good order. */
  stop?(end: RunEnd): Promise<void>;
  release?(): void;
}

type Decide = (pending: CallPending) => Promise<true | string>;

/** Finds the record for a run. Throws where the options contradict each other, or the session is not free. */
export function runRecord(
  options: Pick<RunOptions, 'history' | 'recorder' | 'nested' | 'session' | 'unfinished'>,
  takenUp: TakenUp | undefined,
): RunRecord {
  const { history = [], session, unfinished } = options;
  if (takenUp !== undefined && isSession(takenUp)) return inSession(takenUp.takeUp());
  if (session !== undefined) {
    refuseBoth(options);
    if (!isSession(session)) throw noSession(session);
    const runId = crypto.randomUUID();
    return inSession(session.begin(runId, { leave: unfinished === 'leave' }));
  }
  const given = options.recorder ?? options.nested?.recorder();
  if (given !== undefined) {
    const recorder = (signal: AbortSignal) => stoppedAlsoBy(signal, given);
    return { runId: given.runId, history, known: [], recorder };
  }
  const runId = takenUp?.runId ?? crypto.randomUUID();
  const log = [...(takenUp?.log ?? [])];
  return {
    runId,
    history: takenUp?.history ?? history,
    known: [...log],
    log,
    recorder: (signal, decide) => inProcess({ runId, signal, log, decide }),
  };
}

export function isSession(takenUp: TakenUp): takenUp is Session {
  return typeof (takenUp as Partial<Session> | undefined)?.takeUp === 'function';
}

function inSession(run: SessionRun): RunRecord {
  return {
    runId: run.runId,
    history: run.history,
    known: run.log,
    recorder: (signal, decide) => sessionRecorder(run, { signal, decide }),
    stop: (end) => run.stop(end),
    release: () => run.release(),
  };
}

function noSession(given: unknown): ThroughlineError {
  return new ThroughlineError(
    'invalid_option',
    `The session is ${wordsOf(given)}, which is none. Pass e.g. session: await sessions.open('chat').`,
  );
}

function refuseBoth(options: Pick<RunOptions, 'history' | 'recorder' | 'nested'>): void {
  for (const option of ['history', 'recorder', 'nested'] as const) {
    if (options[option] === undefined) continue;
    throw new ThroughlineError(
      'invalid_option',
      `Both session and ${option} were given. A session is the history, and where the run is recorded.`,
    );
  }
}

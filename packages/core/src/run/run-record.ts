// run/ owns what surrounds a run's loop: where it is recorded, who hears of it. It does not own the handle (run.ts) or the loop.

import { shown } from '../base/check-options.ts';
import { checkDecision, invalidDecision } from '../base/decision.ts';
import type { Decision } from '../base/decision.ts';
import { ThroughlineError, wordsOf } from '../base/error.ts';
import type { LogEntry, RunEnd } from '../base/event.ts';
import type { Message } from '../base/message.ts';
import type { RequestSetup } from '../history/request-setup.ts';
import type { SuspendedRun } from '../base/run-result.ts';
import type { CallDecision, RunOptions } from '../options.ts';
import type { AskPerson, Patience } from '../record/asking.ts';
import { pendingCalls } from '../record/pending-calls.ts';
import { inProcess } from '../record/recorder.ts';
import type { Recorder } from '../record/recorder.ts';
import { sessionRecorder } from '../record/session-recorder.ts';
import type { Session, SessionRun } from '../record/session.ts';
import { stoppedAlsoBy } from '../record/stopped-also-by.ts';

/** What a run is resumed from. */
export type ResumeFrom = SuspendedRun | Session;

/** Where a run is recorded, and what is recorded of it already. */
export interface RunRecord {
  readonly runId: string;
  /** The conversation before it. */
  readonly history: readonly Message[];
  /** What an earlier part of the run has recorded, and told. */
  readonly known: readonly LogEntry[];
  /** How the model was asked before this run, where the same log tells it. */
  readonly asked: RequestSetup | undefined;
  /** The log that grows in this process; undefined where it is kept elsewhere. */
  readonly log?: LogEntry[];
  recorder(patience: Patience, decide: AskPerson): Recorder;
  /** Marks that the run stopped before its end, in good order. */
  stop?(end: RunEnd): Promise<void>;
  release?(): void;
}

/** Finds the record for a run. Throws where the options contradict each other, or the session is not free. */
export function runRecord(
  options: Pick<RunOptions, 'history' | 'recorder' | 'nested' | 'session' | 'unfinished'>,
  resumeFrom: ResumeFrom | undefined,
): RunRecord {
  const { history = [], session, unfinished } = options;
  if (resumeFrom !== undefined && isSession(resumeFrom)) return inSession(resumeFrom.resume());
  if (session !== undefined) {
    refuseBoth(options);
    if (!isSession(session)) throw noSession(session);
    const runId = crypto.randomUUID();
    return inSession(session.begin(runId, { leave: unfinished === 'leave' }));
  }
  const { recorder: ofHost, nested } = options;
  const given = ofHost ?? nested?.recorder();
  if (given !== undefined) {
    // A recorder of the host's own waits for a person as long as it likes.
    const endless = (patience: Patience) => ({ ...patience, leftMs: () => undefined });
    const recorder = (own: Patience, decide: AskPerson) =>
      stoppedAlsoBy(ofHost === undefined ? own : endless(own), given, decide);
    return { runId: given.runId, history, known: [], asked: undefined, recorder };
  }
  const runId = resumeFrom?.runId ?? crypto.randomUUID();
  const log = [...(resumeFrom?.log ?? [])];
  return {
    runId,
    history: resumeFrom?.history ?? history,
    known: [...log],
    asked: undefined,
    log,
    recorder: ({ signal }, decide) => inProcess({ runId, signal, log, decide }),
  };
}

export function isSession(resumeFrom: ResumeFrom): resumeFrom is Session {
  return typeof (resumeFrom as Partial<Session> | undefined)?.resume === 'function';
}

function inSession(run: SessionRun): RunRecord {
  return {
    runId: run.runId,
    history: run.history,
    known: run.log,
    asked: run.asked,
    recorder: ({ signal }, decide) => sessionRecorder(run, { signal, decide }),
    stop: (end) => run.stop(end),
    release: () => run.release(),
  };
}

function noSession(given: unknown): ThroughlineError {
  return new ThroughlineError(
    'invalid_option',
    `session is ${wordsOf(given)}, but it must be a session, e.g. session: await sessions.open('chat').`,
  );
}

function refuseBoth(options: Pick<RunOptions, 'history' | 'recorder' | 'nested'>): void {
  for (const option of ['history', 'recorder', 'nested'] as const) {
    if (options[option] === undefined) continue;
    throw new ThroughlineError(
      'invalid_option',
      `Both session and ${option} were passed. Pass one of them: a session holds the history and records the run.`,
    );
  }
}
/**
 * The decisions by the `id` they name. Throws for what is neither a session nor a suspended run that this release reads, for a
 * decision that means nothing, and for one on a call that does not wait.
 */
export function checkResume(
  from: ResumeFrom,
  decisions: readonly CallDecision[],
): Map<string, Decision> {
  if (!isSession(from) && from?.version !== 1) {
    const version = (from as { version?: unknown } | undefined)?.version;
    const reason =
      version === undefined
        ? `${wordsOf(from)} cannot be resumed. Pass a session, or result.suspended.`
        : `A suspended run of version ${shown(version)} cannot be resumed: this release reads version 1.`;
    throw new ThroughlineError('invalid_input', reason);
  }
  const waiting = isSession(from) ? from.pending.map(({ id }) => id) : waitingIn(from);
  const byId = new Map<string, Decision>();
  for (const given of decisions) {
    const { id, ...decision } = given ?? {};
    if (!waiting.includes(id)) {
      const others = waiting.join(', ') || 'none';
      throw new ThroughlineError(
        'not_pending',
        `A decision names ${shown(id)}, but no call waits under this id. Waiting: ${others}.`,
      );
    }
    if (byId.has(id)) throw invalidDecision(`Two decisions name the call ${shown(id)}.`);
    byId.set(id, checkDecision('agent.resume()', decision));
  }
  return byId;
}

function waitingIn({ log }: SuspendedRun): readonly string[] {
  return pendingCalls(log).map(({ id }) => id);
}

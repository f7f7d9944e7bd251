import { ThroughlineError } from '../base/error.ts';
import type { CallPending, LogEntry, RunEnd, RunEvent } from '../base/event.ts';
import type { Message } from '../base/message.ts';
import { noUsage } from '../base/model.ts';
import { Conversation } from '../history/conversation.ts';
import { withChange } from '../history/request-setup.ts';
import type { RequestSetup } from '../history/request-setup.ts';
import { pendingCalls } from './pending-calls.ts';
import { checkLine, sessionVersion } from './session-log.ts';
import type { SessionLine, SessionLog } from './session-log.ts';

/**
 * How a session stands: `ready` for the next run; `running`; `stopped` after a run that failed or was aborted
 * (the next run may begin, or that one be resumed); `suspended` while calls wait for a person; `cut` where the
 * process died in the middle of a run.
 */
export type SessionState = 'ready' | 'running' | 'stopped' | 'suspended' | 'cut';

/** A run's hold on its session: what is recorded of it already, and where it records more. */
export interface SessionRun {
  readonly runId: string;
  /** The conversation before this run. */
  readonly history: readonly Message[];
  /** What was recorded of this run before. */
  readonly log: readonly LogEntry[];
  /** How the model was asked before this run. */
  readonly asked: RequestSetup | undefined;
  /** So many entries of `log` were all there was when the run last stopped in good order. */
  readonly settled: number;
  /** Resolves when the entry is safe. Once it rejected, nothing more of this run is recorded. */
  record(entry: LogEntry): Promise<void>;
  /** Marks that the run stopped in good order, with nothing under way. Does nothing once `record` rejected. */
  stop(end: RunEnd): Promise<void>;
  /** Lets the next run begin, once nothing of this one is being stored any more. */
  release(): void;
}

interface LastRun {
  readonly runId: string;
  readonly history: readonly Message[];
  readonly firstSeq: number;
  readonly asked: RequestSetup | undefined;
  readonly log: LogEntry[];
  /** Its input is stored. Before that there is nothing to go on with. */
  heard: boolean;
  settled: number;
  state: Exclude<SessionState, 'running'>;
}

type Unnumbered = Omit<SessionLine, 'seq' | 'v'>;

/**
 * A stored conversation that is open in this process, and in no other. Pass it to `agent.run` as `session`,
 * or to `agent.resume`; one run at a time. Close it when you are done.
 */
export class Session {
  readonly id: string;
  /** The stored lines, to read. Only the session writes to it. */
  readonly log: SessionLog;
  readonly #conversation = new Conversation();
  /** How the model was asked last. */
  #asked: RequestSetup | undefined;
  readonly #seqs = new WeakMap<RunEvent, number>();
  /** How many appends are under way or wait for their turn. */
  #appends = 0;
  #seq = 0;
  #last: LastRun | undefined;
  #holder: SessionRun | undefined;
  #closed = false;
  #failed: { readonly error: unknown } | undefined;
  #waiting: Unnumbered[] = [];
  /** The append that has not begun yet: what is recorded now goes with it. */
  #nextAppend: Promise<void> | undefined;
  #appended: Promise<unknown> = Promise.resolve();

  private constructor(log: SessionLog) {
    this.id = log.id;
    this.log = log;
  }

  /** For stores: reads the log through, once. Rejects, and closes the log, where a line cannot be read. */
  static async load(log: SessionLog): Promise<Session> {
    const session = new this(log);
    try {
      for await (const lines of log.read()) {
        for (const line of lines) session.#take(checkLine(line, session.#seq + 1, log.id));
      }
      const last = session.#last;
      // The parent may resume its run; in a fork the same idempotency keys would stand for other calls.
      if (last !== undefined && last.firstSeq <= log.inheritedSeq) last.state = 'ready';
      return session;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  get state(): SessionState {
    return this.#holder === undefined ? (this.#last?.state ?? 'ready') : 'running';
  }

  /** The number of the last stored line; 0 for a new session. */
  get lastSeq(): number {
    return this.#seq;
  }

  /**
   * The number of the line that this open session has stored for an event, as a run told it; undefined where it stored none. A reader
   * that comes back names the last line it has, and misses nothing recorded.
   */
  seqOf(event: RunEvent): number | undefined {
    // An agent inside a call records its own event, not the `call.event` that tells of it.
    return event.type === 'call.event' ? this.seqOf(event.event) : this.#seqs.get(event);
  }

  /** The conversation without the instructions, as far as it is stored; valid to send at any moment. */
  get messages(): readonly Message[] {
    return this.#conversation.messages;
  }

  /** The calls of the last run that wait for a person. */
  get pending(): readonly CallPending[] {
    return this.#last?.state === 'ready' ? [] : pendingCalls(this.#last?.log ?? []);
  }

  /** Holds the session for a new run. Throws `unfinished_run`, unless told to `leave` the last run as it is. */
  begin(runId: string, { leave = false }: { readonly leave?: boolean } = {}): SessionRun {
    this.#checkFree();
    const last = this.#last;
    const about = { runId, history: this.messages, asked: this.#asked, log: [], settled: 0 };
    if (last?.state !== 'cut' && last?.state !== 'suspended') return this.#hold(about);
    if (!leave) throw unfinished(this.id, last.state, this.pending);
    return this.#hold(about, markOf(last.runId, left(last)));
  }

  /** Holds the session for its last run to go on. Throws `nothing_to_resume` where that has ended. */
  resume(): SessionRun {
    this.#checkFree();
    const last = this.#last;
    if (last === undefined || last.state === 'ready') {
      const reason = last === undefined ? 'it has no run yet' : 'its last run has ended';
      throw new ThroughlineError(
        'nothing_to_resume',
        `There is nothing to resume in the session "${this.id}": ${reason}. Use run(…) with it.`,
      );
    }
    return this.#hold({ ...last, log: [...last.log] });
  }

  /** Lets others open it. A run that is still under way fails with `session_closed` at its next record. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#appended;
    await this.log.close();
  }

  #checkFree(): void {
    if (this.#closed) throw closed(this.id);
    if (this.#holder === undefined) return;
    throw new ThroughlineError(
      'session_busy',
      `A run is under way in the session "${this.id}". Wait for its end, steer it, or abort it.`,
    );
  }

  /** `mark` is stored with the first record, or never: a run that does not begin leaves the one before as it is. */
  #hold(about: Omit<SessionRun, 'record' | 'stop' | 'release'>, mark?: Unnumbered): SessionRun {
    const { runId, history, asked, log, settled } = about;
    const marks = mark === undefined ? [] : [mark];
    this.#failed = undefined;
    const holds = (run: SessionRun) => this.#holder === run;
    const run: SessionRun = {
      runId,
      history,
      asked,
      log,
      settled,
      record: async ({ key, event }) => {
        if (!holds(run)) throw closed(this.id);
        this.#waiting.push(...marks.splice(0));
        await this.#record({ runId, key, event });
      },
      stop: async (end) => {
        if (!holds(run) || this.#failed !== undefined || this.#closed) return;
        // Nothing of it is stored, or its end is.
        if (this.#last?.runId !== runId || this.#last.state === 'ready') return;
        await this.#record(markOf(runId, end));
      },
      release: () => {
        if (!holds(run)) return;
        // What hangs in the store may still be stored: no run may begin before that is known.
        if (this.#appends > 0) void this.#appended.then(() => run.release());
        else this.#holder = undefined;
      },
    };
    this.#holder = run;
    return run;
  }

  /** What is recorded while an append is under way shares the next one, and its sync. */
  #record(line: Unnumbered): Promise<void> {
    if (this.#closed) return Promise.reject(closed(this.id));
    this.#waiting.push(line);
    if (this.#nextAppend === undefined) {
      this.#appends++;
      this.#nextAppend = this.#appended.then(() => this.#append());
      // A failure is told to those who wait for it.
      this.#appended = this.#nextAppend.catch(() => {}).then(() => void this.#appends--);
    }
    return this.#nextAppend;
  }

  async #append(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#nextAppend = undefined;
    if (this.#failed !== undefined) throw this.#failed.error;
    const first = this.#seq + 1;
    const lines = waiting.map((line, at): SessionLine => {
      return { seq: first + at, v: sessionVersion, ...line };
    });
    try {
      await this.log.append(this.#seq, lines);
    } catch (error) {
      this.#failed = { error };
      throw error;
    }
    for (const line of lines) {
      this.#take(line);
      this.#seqs.set(line.event, line.seq);
    }
  }

  #take({ seq, runId, key, event }: SessionLine): void {
    this.#seq = seq;
    if (this.#last?.runId !== runId) {
      const history = this.messages;
      const fresh = { heard: false, settled: 0, state: 'ready' as const };
      this.#last = { runId, history, firstSeq: seq, asked: this.#asked, log: [], ...fresh };
    }
    const last = this.#last;
    const isOwn = event.runId === runId; // not of an agent inside a call
    if (isOwn) this.#conversation.add(event);
    if (isOwn && event.type === 'answer') this.#asked = withChange(this.#asked, event.request);
    if (!isOwn || event.type !== 'run.end') {
      last.log.push({ key, event });
      last.heard ||= event.type === 'message';
      last.state = last.heard ? 'cut' : 'ready';
      return;
    }
    last.state = last.heard ? stateAfter(event, last.log) : 'ready';
    last.settled = last.log.length;
    if (last.state === 'ready') last.log.length = 0;
  }
}

function stateAfter({ stopReason }: RunEnd, log: readonly LogEntry[]): LastRun['state'] {
  if (stopReason === 'suspended') return 'suspended';
  // The host failed while a person was to be asked: nobody has dropped that call. An abort has.
  if (stopReason === 'failed' && pendingCalls(log).length > 0) return 'suspended';
  return stopReason === 'failed' || stopReason === 'aborted' ? 'stopped' : 'ready';
}

/** A line that says how a run stands; not the result of a step, so no step looks for its key. */
function markOf(runId: string, event: RunEnd): Unnumbered {
  return { runId, key: event.stopReason, event };
}

function left({ runId, log }: LastRun): RunEnd {
  const steps = log.filter(({ event }) => event.type === 'answer' && event.runId === runId).length;
  return { type: 'run.end', runId, stopReason: 'aborted', text: '', steps, usage: noUsage };
}

function unfinished(id: string, state: 'cut' | 'suspended', pending: readonly CallPending[]) {
  const names = pending.map(({ name, callId }) => `${name} (${callId})`).join(', ');
  const [reason, resume] =
    state === 'cut'
      ? ['was cut', 'agent.resume(session)']
      : [
          `waits for a decision on ${names}`,
          'agent.resume(session, { decisions }), with the ids of session.pending',
        ];
  return new ThroughlineError(
    'unfinished_run',
    `The last run of the session "${id}" ${reason}. Resume it with ${resume}, or pass unfinished: 'leave' to go on without its end.`,
  );
}

function closed(id: string): ThroughlineError {
  return new ThroughlineError('session_closed', `The session "${id}" is closed. Open it again.`);
}

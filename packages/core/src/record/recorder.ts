// record/ owns what is recorded of a run and how a session is read and written. It does not own the keys and the order of the
// steps (loop.ts), or the disk (a store, such as @throughline/sessions).

import type { CallDecided, CallPending, LogEntry, RecordedEvent } from '../base/event.ts';
import type { AskHost, AskPerson, Patience } from './asking.ts';

/** What the work of one recorded step is told. */
export interface StepScope {
  /** `${runId}/${key}`: the same on every attempt and every machine. */
  readonly idempotencyKey: string;
  /** Counted from 1; higher where the process died while an earlier attempt may have been under way. */
  readonly attempt: number;
  /** Aborted when the run is, with the same reason. */
  readonly signal: AbortSignal;
}

/**
 * The seam to durability: the loop touches the outside only through it, and waits for nothing else.
 * Keys are by position (`3/answer`, `3/call/1`) and unique in a run. A step is repeated only after a crash,
 * never because it failed.
 */
export interface Recorder {
  readonly runId: string;
  /** Runs `fn` and records what it returns under `key`; where that is recorded already, returns it instead. */
  step<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>): Promise<E>;
  /**
   * Waits for a person's decision. Rejects with a `Suspension` where the host cannot ask a person now. A recorder that was passed to a
   * run is given `ask`, too: the `decide` functions of the outermost run, which reject likewise. A run inside a call has `patience`, at whose
   * end the recorder may reject with a `Suspension`.
   */
  gate(key: string, about: CallPending, ask?: AskHost, patience?: Patience): Promise<CallDecided>;
  /** Milliseconds since 1970. */
  now(): Promise<number>;
  uuid(): Promise<string>;
  /** The recorder of a run inside a call. */
  child(key: string): Recorder;
}

/** Thrown by `gate` where the host cannot ask a person now: the run ends as suspended and can be resumed. */
export class Suspension extends Error {
  readonly pending: readonly CallPending[];

  constructor(pending: readonly CallPending[]) {
    super(`Waiting for a decision: ${pending.map(({ callId }) => callId).join(', ')}.`);
    this.name = 'Suspension';
    this.pending = pending;
  }
}

export interface InProcessOptions {
  readonly runId?: string;
  readonly signal: AbortSignal;
  /** What was recorded before: these steps are not run again. The same array grows with what is recorded now. */
  readonly log?: LogEntry[];
  /** Asks a person for a decision. Default: rejects with a `Suspension`. */
  readonly decide?: AskPerson;
}

/** The default recorder: it keeps its log in memory and calls each step's work at once. */
export function inProcess(options: InProcessOptions): Recorder {
  const { signal, runId = crypto.randomUUID(), log = [], decide = suspend } = options;
  return keyed({ runId, signal, log, decide, record: (entry) => void log.push(entry) });
}

/** What a recorder that looks its keys up in a log is made of. */
export interface KeyedOptions extends Required<Omit<InProcessOptions, 'log'>> {
  /** What was recorded before. */
  readonly log: Iterable<LogEntry>;
  /** Keeps an entry. The step it belongs to does not go on before it is kept. */
  readonly record: (entry: LogEntry) => Promise<void> | void;
  /** Which attempt the work under this key is. Default: the first. */
  readonly attempt?: (key: string) => number;
}

/** A recorder over a log of entries, wherever they are kept. */
export function keyed(options: KeyedOptions): Recorder {
  const { signal, decide, attempt = () => 1 } = options;
  const recorded = new Map<string, RecordedEvent>();
  for (const { key, event } of options.log) recorded.set(key, event);
  const at = (runId: string, prefix: string): Recorder => ({
    runId,
    async step<E extends RecordedEvent>(key: string, fn: (scope: StepScope) => Promise<E>) {
      const path = prefix + key;
      const known = recorded.get(path);
      if (known !== undefined) return known as E;
      const scope = { idempotencyKey: `${runId}/${key}`, attempt: attempt(path), signal };
      const event = await fn(scope);
      const kept = options.record({ key: path, event });
      if (kept !== undefined) await kept; // a log in memory keeps it at once
      recorded.set(path, event);
      return event;
    },
    async gate(key, about, _ask, patience) {
      const known = recorded.get(prefix + key);
      if (known !== undefined) return known as CallDecided;
      const { runId, step, call, callId, name, id } = about;
      const decision = await decide(about, patience);
      const place = { runId, step, call, callId, name, id };
      const event: CallDecided = { type: 'call.decided', ...place, decision };
      await options.record({ key: prefix + key, event });
      recorded.set(prefix + key, event);
      return event;
    },
    now: async () => Date.now(),
    uuid: async () => crypto.randomUUID(),
    // The inner run is written into the same log, so that one log resumes both. `run` keeps its keys apart
    // from those of the call itself.
    child: (key) => at(`${runId}/${key}`, `${prefix}${key}/run/`),
  });
  return at(options.runId, '');
}

function suspend(pending: CallPending): never {
  throw new Suspension([pending]);
}

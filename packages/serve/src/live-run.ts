import type { Run, RunEvent, Session, SessionLine } from '@throughline/core';
import { RunReader } from './run-reader.ts';
import { StepSoFar } from './step-so-far.ts';

/** What to do with a run that nobody reads any more: abort it, or let it go on for a reader who comes back. */
export type WhenLeft = 'abort' | 'continue';

export interface LiveRunOptions {
  readonly run: Run<unknown>;
  readonly whenLeft: WhenLeft;
  /** The open session in which the run is recorded, if it is. */
  readonly session?: Session;
  /** Called once the run has ended, before its readers are told. */
  readonly close?: () => Promise<void>;
}

/** A run under way that is read by any number of readers. It reads the run itself, so no reader holds it up. */
export class LiveRun {
  readonly run: Run<unknown>;
  /** Resolves once the run has ended and its session is closed. */
  readonly ended: Promise<void>;
  readonly #options: LiveRunOptions;
  readonly #readers = new Set<RunReader>();
  readonly #soFar = new StepSoFar();
  /** Reads of the log that are under way: the session stays open for them. */
  readonly #lookups = new Set<Promise<unknown>>();
  #leaving = false;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.run = options.run;
    this.ended = this.#pump();
  }

  /** Whether the run was told to stop: it ends soon. */
  get isLeaving(): boolean {
    return this.#leaving;
  }

  abort(reason: unknown): void {
    this.#leaving = true;
    this.run.abort(reason);
  }

  /** A reader from the run's start on. To be called at once, before anything is told. `hasSeq` is the last line before the run. */
  read(hasSeq = 0): RunReader {
    const { session } = this.#options;
    const reader = new RunReader({
      hasSeq,
      seqOf: (event) => session?.seqOf(event),
      leave: (one) => this.#left(one),
    });
    this.#readers.add(reader);
    return reader;
  }

  /**
   * A reader who comes late: it is given the lines that `missed` chooses out of the session, what is shown of the step under way, and what
   * is told from now on.
   */
  async join(missed: (session: Session, upTo: number) => Promise<readonly SessionLine[]>) {
    const { session } = this.#options;
    const reader = this.read(session?.lastSeq ?? 0);
    if (session === undefined) return reader;
    const upTo = session.lastSeq;
    const soFar = this.#soFar.events;
    const lookup = missed(session, upTo);
    this.#lookups.add(lookup);
    try {
      reader.catchUp(await lookup, soFar, upTo);
    } catch (error) {
      reader.leave();
      throw error;
    } finally {
      this.#lookups.delete(lookup);
    }
    return reader;
  }

  async #pump(): Promise<void> {
    let end: RunEvent | undefined;
    try {
      for await (const event of this.run) {
        if (event.type === 'run.end') end = event;
        else this.#tell(event);
      }
    } catch {
      // A failure is told as run.end.
    }
    try {
      // The end is stored, and the session free for the next request, before a reader is told.
      await this.run.result.catch(() => {});
      await Promise.allSettled(this.#lookups);
      await this.#options.close?.();
    } finally {
      if (end !== undefined) this.#tell(end);
      for (const reader of this.#readers) reader.end();
    }
  }

  #tell(event: RunEvent): void {
    this.#soFar.take(event);
    for (const reader of this.#readers) reader.tell(event);
  }

  #left(reader: RunReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#options.whenLeft === 'continue') return;
    this.abort(new DOMException('The last reader of the run left.', 'AbortError'));
  }
}

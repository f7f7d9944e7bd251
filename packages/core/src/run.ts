import { after, follow, orAborted } from './base/abort.ts';
import type { Decision } from './base/decision.ts';
import { ThroughlineError, wordsOf } from './base/error.ts';
import type { CallPending, RunEnd, RunEvent, EventSink } from './base/event.ts';
import type { Message } from './base/message.ts';
import type { Json } from './base/model.ts';
import type { RunResult } from './base/run-result.ts';
import { foldMessages } from './history/conversation.ts';
import { Inbox } from './loop/inbox.ts';
import type { RunConfig } from './loop/run-config.ts';
import type { DecideCall } from './options.ts';
import type { AskPerson, Patience } from './record/asking.ts';
import { failedEnd } from './run/failed-end.ts';
import type { Listener, Listeners } from './run/listeners.ts';
import { onlyText } from './run/only-text.ts';
import { RunEvents } from './run/run-events.ts';
import type { RunRecord } from './run/run-record.ts';
import type * as UnderWay from './run/under-way.ts';
import { WaitingCalls } from './run/waiting-calls.ts';
import type { NestedRun } from './tool/tool.ts';

/** What a run needs of its agent. */
export interface NewRun<Output> {
  readonly record: RunRecord;
  /** Where the run stands inside a call of another run. */
  readonly parent: NestedRun | undefined;
  /** What the `output` schema makes of the answer. */
  readonly readOutput: ((output: Json) => Promise<Output>) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly agentListeners: Listeners;
  /** Whether the host holds the handle: only then are events kept to be read. */
  readonly watched: boolean;
  /** What the host says of a call that waits for a person, without a listener. */
  readonly decide: DecideCall;
}

/** What was under way is recorded after an abort, unless its storage hangs for so many milliseconds. */
const lingerMs = 5_000;

/** What the loop is given of its run. */
export interface RunInside extends Patience {
  readonly sink: EventSink;
  readonly inbox: Inbox;
  readonly decide: AskPerson;
}

/**
 * A run under way. Iterate it for its events, or await `result`, or both. Leaving the iteration early aborts the run. Where the
 * run is iterated, its failure is thrown there, and a listener for `run.end` is told it: then `result` need not be awaited.
 *
 * This class owns how a run starts, is steered, stops and is marked in its record. It does not own who hears of it
 * (`run/run-events.ts`), where it is recorded (`run/run-record.ts`), or what it does (`loop.ts`).
 */
export class Run<Output = undefined> implements AsyncIterable<RunEvent> {
  readonly id: string;
  /** Rejects with a typed error, or with the abort's own reason. */
  readonly result: Promise<RunResult<Output>>;
  readonly #given: NewRun<Output>;
  readonly #events: RunEvents;
  readonly #inbox = new Inbox();
  readonly #abort: ReturnType<typeof follow>;
  readonly #calls = new WaitingCalls();
  #loading: Promise<typeof UnderWay> | undefined;
  #deadline: UnderWay.Deadline | undefined;
  /** When the record is free, where that is later than the run's end. */
  #free: Promise<void> | undefined;
  /** Takes a result of this run. Typed loosely, so that a run of some output is a run of any. */
  #settle: (result: unknown) => void = () => {};

  /** A run that has not started: see `Run.start`. */
  constructor(given: NewRun<Output>) {
    const { record, signal, watched, agentListeners, parent } = given;
    const known = new Set(record.known.map(({ event }) => event));
    this.id = record.runId;
    this.#given = given;
    this.#events = new RunEvents({
      runId: this.id,
      known,
      watched,
      agentListeners,
      parent,
      waiting: this.#calls,
    });
    this.#abort = follow([signal]);
    this.result = new Promise<RunResult<Output>>((resolve) => {
      this.#settle = resolve as (result: unknown) => void;
    });
  }

  /** What the loop is given of a run. */
  static inside<Output>(run: Run<Output>): RunInside {
    const { signal } = run.#abort;
    const decide: AskPerson = (pending, patience) => run.#ask(pending, patience);
    const leftMs = () => run.#deadline?.leftMs();
    return { signal, sink: run.#events, inbox: run.#inbox, decide, leftMs };
  }

  /** Starts a run, once. The holder of the handle can listen before the first event. */
  static start<Output>(run: Run<Output>, config: RunConfig): Run<Output> {
    run.#settle(run.#run(config));
    return run;
  }

  /** The conversation so far without the instructions: valid to send at any moment, also after a failure. */
  get messages(): readonly Message[] {
    return foldMessages(this.#events.recorded, this.#given.record.history);
  }

  /**
   * Sends a message to the model, which reads it with its next step. Calls under way go on.
   * Throws `already_ended` once the run has ended, so that no message is lost unnoticed.
   */
  steer(text: string): this {
    return this.#say('steer', text);
  }

  /** Sends a message once the model has answered; the run goes on with it. Throws `already_ended` like `steer`. */
  followUp(text: string): this {
    return this.#say('followUp', text);
  }

  /** Stops the run at once; `result` rejects with `reason` as it stands. */
  abort(reason: unknown = new DOMException('The run was aborted.', 'AbortError')): void {
    this.#abort.abort(reason);
  }

  /**
   * Decides the call of a `call.pending` event, named by the event's `id`. Throws `not_pending` where no call waits under this id,
   * and `invalid_decision` for a decision that means neither yes nor no.
   */
  decide(id: string, decision: Decision): void {
    this.#calls.decide(id, decision);
  }

  /** Calls `listener` for each event of this type from now on. */
  on<T extends RunEvent['type']>(type: T, listener: Listener<T>): this {
    this.#events.on(type, listener);
    if (type === 'run.end') this.result.catch(() => {}); // a failure is told there
    return this;
  }

  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): this {
    this.#events.off(type, listener);
    return this;
  }

  /** The run's events from its start on, each once, in order. Throws `already_iterated` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<RunEvent, void, void> {
    const events = this.#events.iterate(this.result, () => {
      this.abort(new DOMException('The run was left before its end.', 'AbortError'));
    });
    this.result.catch(() => {}); // it is thrown where the run is iterated
    return events;
  }

  /**
   * The text of the run's answers, piece by piece: the iteration of its events for those who want nothing else. A `step.retry` voids what
   * was shown of a step, which is not told here. Throws `already_iterated` like the iteration itself.
   */
  get textStream(): AsyncIterable<string> {
    return { [Symbol.asyncIterator]: () => onlyText(this[Symbol.asyncIterator]()) };
  }

  async #run(config: RunConfig): Promise<RunResult<Output>> {
    await Promise.resolve(); // the holder of the handle can listen before the first event
    const late = after(this.#abort.signal, lingerMs);
    try {
      const end = await this.#toEnd(config, late.signal);
      // The run has ended and its listeners know. An abort from now on only stops the wait for what still hangs.
      if (end.stopReason === 'suspended') await orAborted(late.signal, this.#mark(end));
      return await orAborted(late.signal, this.#resultOf(end));
    } finally {
      late.release();
      this.#tellUnheard();
      this.#events.end();
      const release = () => this.#given.record.release?.();
      if (this.#free === undefined) release();
      else void this.#free.then(release, release);
      this.#abort.release();
    }
  }

  /** The end that the loop comes to; a failure is marked, told and thrown. */
  async #toEnd(config: RunConfig, late: AbortSignal): Promise<RunEnd> {
    const { signal } = this.#abort;
    const { parent } = this.#given;
    let begun: Promise<RunEnd> | undefined;
    try {
      signal.throwIfAborted();
      begun = this.#loop(config);
      const end = await orAborted(late, begun);
      parent?.spend(end.usage);
      return end;
    } catch (error) {
      const failure = failedEnd(error, this.#events.recorded, {
        runId: this.id,
        aborted: signal.aborted,
      });
      parent?.spend(failure.usage);
      await this.#markFailed(failure, { after: begun, late });
      this.#events.emit(failure);
      throw error;
    }
  }

  /** What only a run under way needs, loaded with the first one. */
  #load(): Promise<typeof UnderWay> {
    return (this.#loading ??= import('./run/under-way.ts'));
  }

  async #loop(config: RunConfig): Promise<RunEnd> {
    const { Deadline, loop } = await this.#load();
    this.#deadline = new Deadline(config.host.recorder, config.limits, this.#given.parent);
    return loop(config, this.#deadline);
  }

  async #resultOf(end: RunEnd): Promise<RunResult<Output>> {
    const { record, readOutput } = this.#given;
    const { history, log, runId } = record;
    const output = end.output === undefined ? undefined : await readOutput?.(end.output);
    const isKept = end.stopReason === 'suspended' && log !== undefined;
    const suspended = isKept ? ({ version: 1, runId, history, log } as const) : undefined;
    const { recorded } = this.#events;
    const { toResult } = await this.#load();
    return toResult({ end, output, messages: this.messages, recorded, suspended });
  }

  /** Marks in the record that the run stopped in good order. */
  async #mark(end: RunEnd): Promise<void> {
    await this.#given.record.stop?.(end);
  }

  /** What hangs may yet be recorded, so the mark comes after it, and the record is not free before. */
  async #markFailed(
    failure: RunEnd,
    { after: begun, late }: { after: Promise<RunEnd> | undefined; late: AbortSignal },
  ): Promise<void> {
    const marked = Promise.allSettled([begun]).then(() => this.#mark(failure));
    try {
      await orAborted(late, marked);
    } catch (error) {
      if (late.aborted) this.#free = marked;
      this.#events.warn(`The recorder could not record that the run stopped: ${wordsOf(error)}`);
    }
  }

  /** What was said too late for a run that ended at a limit, waits, or failed. */
  #tellUnheard(): void {
    this.#inbox.close();
    for (const text of this.#inbox.unheard) {
      this.#events.warn(
        `The run ended before the model read this message: ${JSON.stringify(text)}`,
      );
    }
  }

  #say(source: 'steer' | 'followUp', text: string): this {
    if (typeof text !== 'string' || text.trim() === '') {
      throw new ThroughlineError('invalid_input', `${source}() was called without a text.`);
    }
    this.#inbox.put(source, text);
    return this;
  }

  async #ask(pending: CallPending, patience?: Patience): Promise<Decision> {
    const { askPerson } = await this.#load();
    return askPerson(pending, patience, {
      runId: this.id,
      signal: this.#abort.signal,
      deadline: this.#deadline,
      calls: this.#calls,
      events: this.#events,
      decide: this.#given.decide,
    });
  }
}

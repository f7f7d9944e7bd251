import { after, follow, orAborted } from './base/abort.ts';
import type { Decision } from './base/decision.ts';
import { ThroughlineError, wordsOf } from './base/error.ts';
import { isRecorded } from './base/event.ts';
import type { CallPending, RecordedEvent, RunEnd, RunEvent, EventSink } from './base/event.ts';
import type { Message } from './base/message.ts';
import type { Json } from './base/model.ts';
import type { RunResult } from './base/run-result.ts';
import { foldMessages } from './history/conversation.ts';
import { Inbox } from './loop/inbox.ts';
import { failedEnd } from './loop/run-end.ts';
import type { DecideCall } from './options.ts';
import { Suspension } from './record/recorder.ts';
import { EventQueue, leavable } from './run/event-queue.ts';
import { Listeners } from './run/listeners.ts';
import type { Listener } from './run/listeners.ts';
import type { RunRecord } from './run/run-record.ts';
import { WaitingCalls } from './run/waiting-calls.ts';
import type { NestedRun } from './tool/tool.ts';

/** What a run needs of its agent. */
export interface RunStartOptions<Output> {
  readonly record: RunRecord;
  /** Where the run stands inside a call of another run. */
  readonly parent: NestedRun | undefined;
  /** What the `output` schema makes of the answer. */
  readonly readOutput: ((output: Json) => Promise<Output>) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly agentListeners: Listeners;
  /** Whether somebody holds the handle: only then are events kept to be read. */
  readonly watched: boolean;
  /** What the host says of a call that waits for a person, without a listener. */
  readonly decide: DecideCall;
  readonly begin: (inside: RunInside) => Promise<RunEnd>;
}

/** What was under way is recorded after an abort, unless its storage hangs for so many milliseconds. */
const lingerMs = 5_000;

/** What the loop is given of its run. */
export interface RunInside {
  readonly signal: AbortSignal;
  readonly sink: EventSink;
  readonly inbox: Inbox;
  decide(pending: CallPending): Promise<Decision>;
}

/**
 * A run under way. Iterate it for its events, or await `result`, or both. Leaving the iteration early aborts
 * the run. Once it is iterated, a failure is thrown there, and one who listens to `run.end` is told it: then
 * `result` need not be looked at.
 */
export class Run<Output = undefined> implements AsyncIterable<RunEvent> {
  readonly id: string;
  /** Rejects with a typed error, or with the abort's own reason. */
  readonly result: Promise<RunResult<Output>>;
  readonly #listeners = new Listeners();
  readonly #start: RunStartOptions<Output>;
  readonly #recorded: RecordedEvent[] = [];
  /** What an earlier part of this run has told already. */
  readonly #known: ReadonlySet<RunEvent>;
  readonly #inbox = new Inbox();
  readonly #abort: ReturnType<typeof follow>;
  readonly #calls = new WaitingCalls();
  readonly #queue = new EventQueue();
  #wake: (() => void) | undefined;
  /** When the record is free, where that is later than the run's end. */
  #free: Promise<void> | undefined;
  #iterated = false;
  #ended = false;

  constructor(start: RunStartOptions<Output>) {
    this.id = start.record.runId;
    this.#start = start;
    this.#known = new Set(start.record.known.map(({ event }) => event));
    this.#abort = follow(start.signal ?? new AbortController().signal);
    this.result = this.#run();
  }

  /** The conversation so far without the instructions: valid to send at any moment, also after a failure. */
  get messages(): readonly Message[] {
    return foldMessages(this.#recorded, this.#start.record.history);
  }

  /**
   * Says something to the model: it reads it with its next step, calls under way are not lost.
   * Throws `already_ended` once the run has ended, so that no word is lost unnoticed.
   */
  steer(text: string): this {
    return this.#say('steer', text);
  }

  /** Says something once the model has answered; the run goes on with it. Throws `already_ended` like `steer`. */
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
    this.#listeners.on(type, listener);
    if (type === 'run.end') this.result.catch(() => {}); // a failure is told there
    return this;
  }

  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): this {
    this.#listeners.off(type, listener);
    return this;
  }

  /** The run's events from its start on, each once, in order. Throws `already_iterated` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<RunEvent, void, void> {
    if (this.#iterated) {
      throw new ThroughlineError(
        'already_iterated',
        'This run is iterated already. Use run.on(…) for a second look.',
      );
    }
    this.#iterated = true;
    this.result.catch(() => {}); // it is thrown where the run is iterated
    return leavable(this.#read(), () => {
      if (this.#ended) return;
      this.abort(new DOMException('The run was left before its end.', 'AbortError'));
    });
  }

  async *#read(): AsyncGenerator<RunEvent, void, void> {
    for (;;) {
      const event = this.#queue.shift();
      if (event !== undefined) yield event;
      else if (this.#ended) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await this.result;
  }

  async #run(): Promise<RunResult<Output>> {
    await Promise.resolve(); // whoever holds the handle can listen before the first event
    const late = after(this.#abort.signal, lingerMs);
    try {
      const end = await this.#toEnd(late.signal);
      // It has ended and was told so. Whoever aborts or leaves from now on only stops waiting for what still hangs.
      if (end.stopReason === 'suspended') await orAborted(late.signal, this.#mark(end));
      return await orAborted(late.signal, this.#resultOf(end));
    } finally {
      late.release();
      this.#tellUnheard();
      this.#ended = true;
      const release = () => this.#start.record.release?.();
      if (this.#free === undefined) release();
      else void this.#free.then(release, release);
      this.#abort.release();
      this.#wake?.();
    }
  }

  /** The end that the loop comes to; a failure is marked, told and thrown. */
  async #toEnd(late: AbortSignal): Promise<RunEnd> {
    const { signal } = this.#abort;
    const sink: EventSink = {
      wants: (type) => this.#wants(type),
      emit: (event) => this.#emit(event),
    };
    const decide = (pending: CallPending) => this.#ask(pending);
    let begun: Promise<RunEnd> | undefined;
    try {
      signal.throwIfAborted();
      begun = this.#start.begin({ signal, sink, inbox: this.#inbox, decide });
      const end = await orAborted(late, begun);
      this.#start.parent?.spend(end.usage);
      return end;
    } catch (error) {
      const failure = failedEnd(error, this.#recorded, { runId: this.id, aborted: signal.aborted });
      this.#start.parent?.spend(failure.usage);
      await this.#markFailed(failure, { after: begun, late });
      this.#emit(failure);
      throw error;
    }
  }

  async #resultOf(end: RunEnd): Promise<RunResult<Output>> {
    const { record, readOutput } = this.#start;
    const { history, log, runId } = record;
    const { text, usage, stopReason, steps, limit, pending = [] } = end;
    const output = end.output === undefined ? undefined : await readOutput?.(end.output);
    const result = { text, output, messages: this.messages, usage, stopReason, steps, pending };
    if (limit !== undefined) return { ...result, limit };
    if (stopReason !== 'suspended' || log === undefined) return result;
    return { ...result, suspended: { version: 1, runId, history, log } };
  }

  /** Marks in the record that the run stopped in good order. */
  async #mark(end: RunEnd): Promise<void> {
    await this.#start.record.stop?.(end);
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
      const message = `It could not be recorded that the run stopped: ${wordsOf(error)}`;
      this.#emit({ type: 'warning', runId: this.id, message });
    }
  }

  /** What was said too late for a run that ended at a limit, waits, or failed. */
  #tellUnheard(): void {
    this.#inbox.close();
    for (const text of this.#inbox.unheard) {
      const message = `The run ended before this was heard: ${JSON.stringify(text)}`;
      this.#emit({ type: 'warning', runId: this.id, message });
    }
  }

  #say(source: 'steer' | 'followUp', text: string): this {
    if (typeof text !== 'string' || text.trim() === '') {
      throw new ThroughlineError('invalid_input', `${source}() was called without a text.`);
    }
    this.#inbox.put(source, text);
    return this;
  }

  /** Waits for a person only where the host has said that it answers: by `decide`, or by a listener for `call.pending`. */
  async #ask(pending: CallPending): Promise<Decision> {
    const { signal } = this.#abort;
    const early = this.#calls.takeEarly(pending.id);
    if (early !== undefined) return early;
    const said = await orAborted(signal, Promise.resolve(this.#start.decide(pending, { signal })));
    if (said !== undefined) return said;
    if (!this.#listeners.has('call.pending')) throw new Suspension([pending]);
    const decided = this.#calls.wait(pending.id, signal);
    // Asked before, of somebody who listened then; or asked by an agent inside, whose events come as `call.event`.
    if (this.#known.has(pending)) this.#emit({ ...pending });
    else if (pending.runId !== this.id) this.#tellThrown(pending, this.#listeners.emit(pending));
    return decided;
  }

  #wants(type: RunEvent['type']): boolean {
    const { watched, agentListeners, parent } = this.#start;
    if (watched || this.#listeners.has(type) || agentListeners.has(type)) return true;
    return parent?.wants('call.event') ?? false; // it tells whatever this run tells
  }

  #emit(event: RunEvent): void {
    if (this.#ended) return;
    if (isRecorded(event)) this.#recorded.push(event);
    if (this.#known.has(event)) return;
    if (event.type === 'call.pending') this.#calls.announce(event.id);
    this.#start.parent?.emit(event);
    if (this.#start.watched) this.#keep(event);
    const thrown = this.#listeners.emit(event);
    const thrownByAgents = this.#start.agentListeners.emit(event);
    this.#tellThrown(event, thrown);
    this.#tellThrown(event, thrownByAgents);
  }

  #tellThrown({ type }: RunEvent, thrown: readonly unknown[]): void {
    if (type === 'warning') return; // a warning about a warning's listener could go on for ever
    for (const error of thrown) {
      const message = `A listener for "${type}" threw: ${wordsOf(error)}`;
      this.#emit({ type: 'warning', runId: this.id, message });
    }
  }

  #keep(event: RunEvent): void {
    this.#queue.keep(event);
    this.#wake?.();
  }
}

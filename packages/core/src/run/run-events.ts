import { ThroughlineError, wordsOf } from '../base/error.ts';
import { isRecorded } from '../base/event.ts';
import type { EventSink, RecordedEvent, RunEvent } from '../base/event.ts';
import type { NestedRun } from '../tool/tool.ts';
import { EventQueue, leavable } from './event-queue.ts';
import { Listeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import type { WaitingCalls } from './waiting-calls.ts';

export interface RunEventsOptions {
  readonly runId: string;
  /** What an earlier part of this run has told already. */
  readonly known: ReadonlySet<RunEvent>;
  /** Whether the host holds the handle: only then are events kept to be read. */
  readonly watched: boolean;
  readonly agentListeners: Listeners;
  /** The run in which this one is a call. */
  readonly parent: NestedRun | undefined;
  /** The calls that wait for a person: a listener may decide at once. */
  readonly waiting: WaitingCalls;
}

/**
 * Owns who hears of a run: its listeners, its agent's, the outer run, and the one reader that iterates it. Does not own what
 * is told, and not when the run ends.
 */
export class RunEvents implements EventSink {
  /** What a conversation is folded from, also where an earlier part of the run told it. */
  readonly recorded: RecordedEvent[] = [];
  readonly #options: RunEventsOptions;
  readonly #listeners = new Listeners();
  /** Undefined where nobody can read it. */
  readonly #unread: EventQueue | undefined;
  #wake: (() => void) | undefined;
  #iterated = false;
  #ended = false;

  constructor(options: RunEventsOptions) {
    this.#options = options;
    this.#unread = options.watched ? new EventQueue() : undefined;
  }

  get isIterated(): boolean {
    return this.#iterated;
  }

  isKnown(event: RunEvent): boolean {
    return this.#options.known.has(event);
  }

  on<T extends RunEvent['type']>(type: T, listener: Listener<T>): void {
    this.#listeners.on(type, listener);
  }

  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): void {
    this.#listeners.off(type, listener);
  }

  /** Whether the run itself has a listener for this type. */
  has(type: RunEvent['type']): boolean {
    return this.#listeners.has(type);
  }

  wants(type: RunEvent['type']): boolean {
    const { watched, agentListeners, parent } = this.#options;
    if (watched || this.has(type) || agentListeners.has(type)) return true;
    return parent?.wants('call.event') ?? false; // it tells whatever this run tells
  }

  emit(event: RunEvent): void {
    if (this.#ended) return;
    if (isRecorded(event)) this.recorded.push(event);
    if (this.isKnown(event)) return;
    const { parent, agentListeners, waiting } = this.#options;
    if (event.type === 'call.pending') waiting.announce(event.id);
    if (event.type === 'call.end') waiting.end(event);
    parent?.emit(event);
    if (this.#unread !== undefined) {
      this.#unread.keep(event);
      this.#wake?.();
    }
    const thrown = this.#listeners.emit(event);
    const thrownByAgents = agentListeners.emit(event);
    if (thrown.length > 0) this.#warnOf(event, thrown);
    if (thrownByAgents.length > 0) this.#warnOf(event, thrownByAgents);
  }

  /** Tells the run's own listeners alone: for an event that all others hear in another form. */
  notifyListeners(event: RunEvent): void {
    this.#warnOf(event, this.#listeners.emit(event));
  }

  warn(message: string): void {
    this.emit({ type: 'warning', runId: this.#options.runId, message });
  }

  /** From now on nothing is told. The reader ends once it has read what is kept. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /**
   * The events from the run's start on, each once, in order; then the failure of `result`, if it fails. `leave` is called where
   * the reader leaves before the end. Throws `already_iterated` the second time.
   */
  iterate(result: Promise<unknown>, leave: () => void): AsyncIterator<RunEvent, void, void> {
    if (this.#iterated) {
      throw new ThroughlineError(
        'already_iterated',
        'This run is iterated already. Use run.on(…) for a second look.',
      );
    }
    this.#iterated = true;
    return leavable(this.#read(result), () => {
      if (!this.#ended) leave();
    });
  }

  #warnOf({ type }: RunEvent, thrown: readonly unknown[]): void {
    if (type === 'warning') return; // a warning about a warning's listener could go on for ever
    for (const error of thrown) this.warn(`A listener for "${type}" threw: ${wordsOf(error)}`);
  }

  async *#read(result: Promise<unknown>): AsyncGenerator<RunEvent, void, void> {
    for (;;) {
      const event = this.#unread?.shift();
      if (event !== undefined) yield event;
      else if (this.#ended) break;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await result;
  }
}

import type { RecordedEvent, Run, RunEvent, SessionLine } from '@throughline/core';
import { StepSoFar } from './step-so-far.ts';
import { placeOf } from './timeline.ts';
import type { CallTimes, LiveNote } from './timeline.ts';

/** How a run is watched. */
export interface WatchOptions {
  /** The session that it is recorded in. Without one the inspector keeps the run's events in memory. */
  readonly session?: string | undefined;
  /**
   * Whether the page decides the calls that wait. Then the run waits for the page; else it ends as `suspended` as it would without an
   * inspector. Default: false.
   */
  readonly decide?: boolean | undefined;
}

/** More notes of one run are not kept. */
const mostNotes = 1_000;

const recorded = [
  'run.start',
  'message',
  'answer',
  'call.start',
  'call.decided',
  'call.end',
  'history.compacted',
  'run.end',
] as const;
const live = [
  'step.start',
  'reasoning.delta',
  'text.delta',
  'call.delta',
  'call.progress',
  'call.error',
  'step.retry',
  'limit.near',
  'warning',
  'call.event',
] as const;

/**
 * A run of this process, as its listeners hear it. Listening decides nothing, unless the page is to decide: a listener for
 * `call.pending` makes a run wait.
 */
export class WatchedRun {
  readonly run: Run<unknown>;
  readonly session: string | undefined;
  readonly decides: boolean;
  /** What it has told, where no session records it. */
  readonly lines: SessionLine[] = [];
  readonly notes: LiveNote[] = [];
  readonly times = new Map<string, CallTimes>();
  readonly soFar = new StepSoFar();
  readonly #tell: (event: RunEvent | undefined) => void;
  #answered = 0;
  changedAtMs = Date.now();
  ended = false;

  constructor(
    run: Run<unknown>,
    options: WatchOptions,
    tell: (event: RunEvent | undefined) => void,
  ) {
    this.run = run;
    this.session = options.session;
    this.decides = options.decide ?? false;
    this.#tell = tell;
    for (const type of [...recorded, ...live]) run.on(type, (event: RunEvent) => this.#hear(event));
    if (this.decides) run.on('call.pending', (event) => this.#hear(event));
    run.result.then(
      () => this.#over(),
      () => this.#over(),
    );
  }

  /** Which list it is in: its session's, or its own. */
  get id(): string {
    return this.session ?? `run ${this.run.id}`;
  }

  #hear(event: RunEvent): void {
    const inner = innermost(event);
    this.changedAtMs = Date.now();
    this.#time(inner);
    this.#note(inner);
    if (this.session === undefined && isKept(inner)) this.#keep(inner);
    this.soFar.add(event);
    this.#tell(event);
  }

  #time(event: RunEvent): void {
    if (event.type === 'answer') this.#answered = Math.max(this.#answered, event.step);
    if (event.type === 'call.start') {
      const early = event.runId === this.run.id && event.step > this.#answered;
      this.times.set(placeOf(event), { startMs: Date.now(), early });
    }
    if (event.type !== 'call.end') return;
    const known = this.times.get(placeOf(event));
    if (known !== undefined) this.times.set(placeOf(event), { ...known, endMs: Date.now() });
  }

  #note(event: RunEvent): void {
    if (this.notes.length >= mostNotes || event.runId !== this.run.id) return;
    if (event.type === 'step.retry')
      this.notes.push({ kind: 'retry', step: event.step, text: event.reason });
    if (event.type === 'warning') {
      this.notes.push({
        kind: 'warning',
        step: event.step ?? this.#answered + 1,
        text: event.message,
      });
    }
    if (event.type === 'limit.near') {
      const { name, used, max } = event.limit;
      this.notes.push({
        kind: 'warning',
        step: event.step,
        text: `limit ${name} is near: ${used} of ${max}`,
      });
    }
  }

  #keep(event: RecordedEvent): void {
    this.lines.push({ seq: this.lines.length + 1, v: 1, runId: this.run.id, key: '', event });
  }

  #over(): void {
    this.ended = true;
    this.#tell(undefined);
  }
}

function innermost(event: RunEvent): RunEvent {
  return event.type === 'call.event' ? innermost(event.event) : event;
}

function isKept(event: RunEvent): event is RecordedEvent {
  return (recorded as readonly string[]).includes(event.type) || event.type === 'call.pending';
}

import { EventQueue } from '@throughline/core';
import type { RunEvent, SessionLine } from '@throughline/core';

/** An event for a reader, and the line that it may name when it comes back: it has all lines up to that one. */
export interface Told {
  readonly event: RunEvent;
  /** Absent where the reader has no more lines than before. */
  readonly id?: number;
}

export interface RunReaderOptions {
  /** The reader has the lines up to this one. */
  readonly hasSeq: number;
  /** The line of an event; undefined where none is stored. */
  readonly seqOf: (event: RunEvent) => number | undefined;
  readonly leave: (reader: RunReader) => void;
}

/**
 * One reader of a served run. What it has not taken waits in a queue that joins deltas, so a slow reader costs no more than what the run
 * records. It does not own the run: leaving tells the run's owner.
 */
export class RunReader {
  readonly #options: RunReaderOptions;
  readonly #missed: Told[] = [];
  readonly #queue = new EventQueue();
  /** Lines that are given, behind a line that is not yet: calls of one answer may end in another order than they are stored. */
  readonly #ahead = new Set<number>();
  /** Ends that were among the lines. A resumed run has one for each time that it stopped. */
  readonly #ends = new Set<number>();
  #hasSeq: number;
  #wake: (() => void) | undefined;
  #over = false;

  constructor(options: RunReaderOptions) {
    this.#options = options;
    this.#hasSeq = options.hasSeq;
  }

  /** What was told before this reader came. Lines up to `upTo` are not told again. */
  catchUp(lines: readonly SessionLine[], soFar: readonly RunEvent[], upTo: number): void {
    for (const { event, seq } of lines) {
      this.#missed.push({ event, id: seq });
      if (event.type === 'run.end') this.#ends.add(seq);
    }
    // An answer that is among the lines voids what was shown of it.
    const answered = new Set(lines.flatMap(({ event }) => answerKey(event)));
    for (const event of soFar) {
      const isVoid = event.type !== 'call.progress' && answered.has(stepKey(event));
      if (!isVoid) this.#missed.push({ event });
    }
    this.#hasSeq = Math.max(this.#hasSeq, upTo);
  }

  tell(event: RunEvent): void {
    if (this.#over) return;
    this.#queue.keep(event);
    this.#wake?.();
  }

  /** Nothing more comes. What waits can still be taken. */
  end(): void {
    this.#over = true;
    this.#wake?.();
  }

  /** The next event; undefined once there is none. */
  async next(): Promise<Told | undefined> {
    const missed = this.#missed.shift();
    if (missed !== undefined) return missed;
    for (;;) {
      const event = this.#queue.shift();
      if (event === undefined) {
        if (this.#over) return undefined;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const told = this.#numbered(event);
      if (told !== undefined) return told;
    }
  }

  /** The reader takes nothing more. */
  leave(): void {
    while (this.#queue.shift() !== undefined); // what waited is freed
    this.#missed.length = 0;
    this.end();
    this.#options.leave(this);
  }

  #numbered(event: RunEvent): Told | undefined {
    const seq = this.#options.seqOf(event);
    if (seq === undefined) return { event };
    if (seq <= this.#hasSeq) {
      // It was among the lines; only an end may have been left out of them.
      return event.type === 'run.end' && !this.#ends.has(seq) ? { event } : undefined;
    }
    this.#ahead.add(seq);
    const before = this.#hasSeq;
    while (this.#ahead.delete(this.#hasSeq + 1)) this.#hasSeq++;
    return this.#hasSeq === before ? { event } : { event, id: this.#hasSeq };
  }
}

function answerKey(event: RunEvent): readonly string[] {
  return event.type === 'answer' ? [stepKey(event)] : [];
}

function stepKey(event: RunEvent): string {
  return `${event.runId} ${'step' in event ? event.step : ''}`;
}

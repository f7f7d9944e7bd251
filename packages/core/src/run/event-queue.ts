import type { EventOf, RunEvent } from '../base/event.ts';

/** From so many unread events on, only the last progress of each call is kept. */
const crowd = 256;

/**
 * The events that nobody has read yet. Deltas of one stream (the text of a run, the arguments of a call) are joined, so what waits is
 * bounded by what the run records, not by how long it is not read. Keeping and taking an event cost the same however many wait.
 */
export class EventQueue {
  #events: (RunEvent | undefined)[] = [];
  #head = 0;
  #count = 0;
  /** Where the last unread event of each stream stands, since the last event that is more than a piece of a stream. */
  readonly #last = new Map<string, number>();
  /** The same for the progress of each call, however long ago. */
  readonly #progress = new Map<string, number>();

  keep(event: RunEvent): void {
    const stream = streamOf(event);
    if (stream === undefined) this.#last.clear();
    const at = stream === undefined ? undefined : this.#last.get(stream);
    const joined = at === undefined ? undefined : this.#join(at, event);
    if (joined !== undefined && at !== undefined) {
      this.#events[at] = joined;
      return;
    }
    if (event.type === 'call.progress') this.#dropOlder(event);
    if (stream !== undefined) this.#last.set(stream, this.#events.length);
    this.#events.push(event);
    this.#count++;
  }

  /** The oldest, if there is one. */
  shift(): RunEvent | undefined {
    while (this.#head < this.#events.length) {
      const event = this.#events[this.#head];
      this.#events[this.#head++] = undefined;
      if (this.#head === this.#events.length) this.#restart();
      if (event === undefined) continue;
      this.#count--;
      return event;
    }
    return undefined;
  }

  #join(at: number, event: RunEvent): RunEvent | undefined {
    const last = at < this.#head ? undefined : this.#events[at];
    if (last === undefined) return undefined;
    if (event.type !== 'call.progress') return join(last, event);
    return this.#count >= crowd ? event : undefined;
  }

  #dropOlder(event: EventOf<'call.progress'>): void {
    const call = keyOf(event);
    const at = this.#progress.get(call);
    if (this.#count >= crowd && at !== undefined && at >= this.#head) {
      this.#events[at] = undefined;
      this.#count--;
    }
    this.#progress.set(call, this.#events.length);
  }

  /** All is read: the places in the list are free again. */
  #restart(): void {
    this.#events = [];
    this.#head = 0;
    this.#last.clear();
    this.#progress.clear();
  }
}

/** What an event is a piece of; undefined for one that stands for itself. Text and reasoning of a run are one stream: their order counts. */
function streamOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'text.delta':
    case 'reasoning.delta':
      return `${event.runId} ${event.step}`;
    case 'call.delta':
    case 'call.progress':
      return `${event.type} ${keyOf(event)}`;
    case 'call.event': {
      const inner = streamOf(event.event);
      return inner === undefined ? undefined : `${keyOf(event)} > ${inner}`;
    }
    default:
      return undefined;
  }
}

function keyOf({ runId, step, call }: { runId: string; step: number; call: number }): string {
  return `${runId} ${step} ${call}`;
}

/** Two pieces of one stream as one event, if nothing is lost by it. */
function join(last: RunEvent, next: RunEvent): RunEvent | undefined {
  if (last.type === 'call.event' && next.type === 'call.event') {
    const event = join(last.event, next.event);
    return event && { ...next, event };
  }
  if (!('delta' in last) || !('delta' in next) || last.type !== next.type) return undefined;
  return { ...next, delta: last.delta + next.delta };
}

/**
 * The same iteration, ended at once by `return()`, also before its first value and while a `next()` is pending:
 * a generator's own `return()` would wait for that. `leave` is to make the generator end.
 */
export function leavable<T>(
  values: AsyncGenerator<T, void, void>,
  leave: () => void,
): AsyncIterator<T, void, void> {
  let left = false;
  const over: IteratorResult<T, void> = { done: true, value: undefined };
  return {
    next: async () => {
      try {
        const result = left ? over : await values.next();
        return left ? over : result;
      } catch (error) {
        if (left) return over;
        throw error;
      }
    },
    return: async () => {
      left = true;
      leave();
      return over;
    },
  };
}

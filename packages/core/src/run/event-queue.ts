import type { EventOf, RunEvent } from '../base/event.ts';

/** The events that the reader has not read yet. Neighbouring deltas are joined, so that a slow reader costs little memory. */
export class EventQueue {
  readonly #events: RunEvent[] = [];

  keep(event: RunEvent): void {
    if (event.type === 'call.progress' && this.#events.length >= 256) this.#dropProgress(event);
    const last = this.#events.at(-1);
    const joined = last === undefined ? undefined : join(last, event);
    if (joined === undefined) this.#events.push(event);
    else this.#events[this.#events.length - 1] = joined;
  }

  /** The oldest, if there is one. */
  shift(): RunEvent | undefined {
    return this.#events.shift();
  }

  /** Of a crowd of progress the last of each call counts. */
  #dropProgress({ runId, step, call }: EventOf<'call.progress'>): void {
    const at = this.#events.findLastIndex(
      (one) =>
        one.type === 'call.progress' &&
        one.runId === runId &&
        one.step === step &&
        one.call === call,
    );
    if (at !== -1) this.#events.splice(at, 1);
  }
}

/** Two neighbours as one event, if nothing is lost by it. */
function join(last: RunEvent, next: RunEvent): RunEvent | undefined {
  if (last.type === 'call.event' && next.type === 'call.event') {
    if (last.step !== next.step || last.call !== next.call) return undefined;
    const event = join(last.event, next.event);
    return event && { ...next, event };
  }
  if (!('delta' in last) || !('delta' in next) || last.type !== next.type) return undefined;
  if (last.step !== next.step) return undefined;
  if ('call' in last && 'call' in next && last.call !== next.call) return undefined;
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

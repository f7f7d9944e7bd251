import type { RunEvent } from '../base/event.ts';

/** The text of the events, piece by piece. Leaving it leaves them. */
export function onlyText(
  events: AsyncIterator<RunEvent, void, void>,
): AsyncIterator<string, void, void> {
  return {
    async next() {
      for (;;) {
        const { done, value } = await events.next();
        if (done === true) return { done, value: undefined };
        if (value.type === 'text.delta') return { done: false, value: value.delta };
      }
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
}

import { setImmediate } from 'node:timers/promises';

/** To be called in a long loop: now and then it lets the process do something else. Rejects with the signal's reason once it is aborted. */
export type Breathe = () => Promise<void> | undefined;

const longestMs = 20;

export function breather(signal: AbortSignal): Breathe {
  let last = performance.now();
  return () => {
    signal.throwIfAborted();
    if (performance.now() - last < longestMs) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
      signal.throwIfAborted();
    });
  };
}

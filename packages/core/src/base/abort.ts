import { nodeBuiltin } from './node-builtin.ts';
import { onAbort, ownSignal } from './own-signal.ts';

const nodeEvents = nodeBuiltin<{
  setMaxListeners?(most: number, ...signals: AbortSignal[]): void;
}>('node:events');

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it is aborted, without waiting for
 * work that ignores its signal. What such work does later is ignored.
 */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = onAbort(signal, () => reject(signal.reason));
    // Not `finally`, which makes three promises more.
    work.then(
      (value) => {
        leave();
        resolve(value);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
  });
}

/** The same, for work that does not begin where the signal is aborted already. */
export function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return signal.aborted ? Promise.reject(signal.reason) : orAborted(signal, work());
}

/** Resolves after `ms` milliseconds; rejects at once with the signal's reason when it is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, timerMs(ms));
    const leave = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** The reason of a signal whose time is up. Not a `TimeoutError`, which a host's own signal may carry. */
export class TimeUp extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`The time of ${timeoutMs} ms is up.`);
    this.name = 'TimeUp';
    this.timeoutMs = timeoutMs;
  }
}

/**
 * A signal that follows all of `outers` that there are, and, where `timeoutMs` is given, the clock (reason: `TimeUp`). Unlike with
 * `AbortSignal.any`, nothing of it is left on them after `release`.
 */
export function follow(
  outers: readonly (AbortSignal | undefined)[],
  timeoutMs?: number,
): { readonly signal: AbortSignal; abort(reason: unknown): void; release(): void } {
  const { signal, abort } = ownSignal();
  nodeEvents?.setMaxListeners?.(0, signal); // every call of an answer may listen; Node warns from the eleventh on
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(new TimeUp(timeoutMs)), timerMs(timeoutMs));
  const leaves = outers.map((outer) => outer && onAbort(outer, () => abort(outer.reason)));
  return {
    signal,
    abort,
    release() {
      clearTimeout(timer);
      for (const leave of leaves) leave?.();
    },
  };
}

/** A signal that aborts so many milliseconds after `outer`, with its reason. `release` leaves nothing behind. */
export function after(
  outer: AbortSignal,
  ms: number,
): { readonly signal: AbortSignal; release(): void } {
  const { signal, abort } = ownSignal();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leave = onAbort(outer, () => {
    timer = setTimeout(() => abort(outer.reason), ms);
  });
  return {
    signal,
    release() {
      clearTimeout(timer);
      leave();
    },
  };
}

/** The signal itself, or, where `timeoutMs` is given, one that follows it and the clock. A signal is not cheap to make. */
export function within(
  outer: AbortSignal,
  timeoutMs: number | undefined,
): { readonly signal: AbortSignal; release(): void } {
  return timeoutMs === undefined ? { signal: outer, release() {} } : follow([outer], timeoutMs);
}

/** A longer time than a timer can hold (24.8 days) would make it fire at once. */
function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}

import { nodeBuiltin } from './node-builtin.ts';

const nodeEvents = nodeBuiltin<{
  setMaxListeners?(most: number, ...signals: AbortSignal[]): void;
}>('node:events');

/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it is aborted, without waiting for
 * work that ignores its signal. What such work does later is ignored.
 */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}

/** The same, for work that does not begin where the signal is aborted already. */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return orAborted(signal, work());
}

/** Resolves after `ms` milliseconds; rejects at once with the signal's reason when it is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, timerMs(ms));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
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
 * A signal that follows `outer` and, where `timeoutMs` is given, the clock (reason: `TimeUp`). Unlike with
 * `AbortSignal.any`, nothing of it is left on `outer` after `release`.
 */
export function follow(
  outer: AbortSignal,
  timeoutMs?: number,
): { readonly signal: AbortSignal; abort(reason: unknown): void; release(): void } {
  const controller = new AbortController();
  nodeEvents?.setMaxListeners?.(0, controller.signal); // every call of an answer may listen; Node warns from the eleventh on
  const abort = (reason: unknown) => controller.abort(reason);
  const pass = () => abort(outer.reason);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(new TimeUp(timeoutMs)), timerMs(timeoutMs));
  outer.addEventListener('abort', pass, { once: true });
  if (outer.aborted) pass();
  return {
    signal: controller.signal,
    abort,
    release() {
      clearTimeout(timer);
      outer.removeEventListener('abort', pass);
    },
  };
}

/** A signal that aborts so many milliseconds after `outer`, with its reason. `release` leaves nothing behind. */
export function after(
  outer: AbortSignal,
  ms: number,
): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    timer = setTimeout(() => controller.abort(outer.reason), ms);
  };
  outer.addEventListener('abort', begin, { once: true });
  if (outer.aborted) begin();
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      outer.removeEventListener('abort', begin);
    },
  };
}

/** The signal itself, or, where `timeoutMs` is given, one that follows it and the clock. A signal is not cheap to make. */
export function within(
  outer: AbortSignal,
  timeoutMs: number | undefined,
): { readonly signal: AbortSignal; release(): void } {
  return timeoutMs === undefined ? { signal: outer, release() {} } : follow(outer, timeoutMs);
}

/** A longer time than a timer can hold (24.8 days) would make it fire at once. */
function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}

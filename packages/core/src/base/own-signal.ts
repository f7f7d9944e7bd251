/**
 * Who waits for a signal, behind one listener: a host may give one signal to a thousand runs, and Node warns from the eleventh
 * listener on. Nothing is left on a signal that nobody waits for. A signal that is made here has no listener at all: what aborts it
 * tells those who wait, and a listener costs more than all the rest of a wait.
 */
const waiting = new WeakMap<AbortSignal, Waiting>();

interface Waiting {
  readonly acts: Set<() => void>;
  /** The last one waits no longer. */
  stop?(): void;
}

/** Calls `act` once the signal is aborted, at once where it is already. Returns how to wait no longer. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => {};
  }
  const others = waiting.get(signal) ?? listenTo(signal);
  others.acts.add(act);
  return () => {
    others.acts.delete(act);
    if (others.acts.size === 0) others.stop?.();
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const acts = new Set<() => void>();
  const all = () => {
    waiting.delete(signal);
    for (const act of acts) act();
  };
  const stop = () => {
    if (waiting.get(signal)?.acts === acts) waiting.delete(signal);
    signal.removeEventListener('abort', all);
  };
  const found = { acts, stop };
  waiting.set(signal, found);
  signal.addEventListener('abort', all, { once: true });
  return found;
}

/** A signal of our own, and what aborts it. */
export function ownSignal(): { readonly signal: AbortSignal; abort(reason: unknown): void } {
  const controller = new AbortController();
  const { signal } = controller;
  const acts = new Set<() => void>();
  waiting.set(signal, { acts });
  return {
    signal,
    abort(reason) {
      if (signal.aborted) return;
      controller.abort(reason);
      for (const act of acts) act();
      acts.clear();
    },
  };
}

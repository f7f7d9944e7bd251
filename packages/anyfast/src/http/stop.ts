import type { StopSignal } from '../wire/exchange.ts';

/** Stops one question of ours. */
export class Stop implements StopSignal {
  aborted = false;
  reason: unknown;
  readonly #acts = new Set<() => void>();

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const act of this.#acts) act();
    this.#acts.clear();
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_type: 'abort', act: () => void): void {
    this.#acts.add(act);
  }

  removeEventListener(_type: 'abort', act: () => void): void {
    this.#acts.delete(act);
  }
}

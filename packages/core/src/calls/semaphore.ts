import { orAborted } from '../base/abort.ts';
import { asyncContext } from '../base/async-context.ts';
import { shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';

/** The semaphores that the work under way holds. */
export type HeldSemaphores = ReadonlySet<Semaphore>;

/** The same for work that is done inside a call without its `nested` ties, where the runtime can tell. */
const held = asyncContext<HeldSemaphores>();

/**
 * Lets so many work at once; the others wait in order. Work that is done inside such work does not wait where it
 * may wait for itself: for the same semaphore, or for one while work that holds it waits for a semaphore that this
 * work holds, as where two agents call each other.
 */
export class Semaphore {
  #free: number;
  /** The semaphores that work which holds this one waits for now. */
  readonly #awaited: Semaphore[] = [];
  readonly #waiting: (() => void)[] = [];

  /** Throws `invalid_option` for a number that would let nothing through. */
  constructor(max: number) {
    if (!(typeof max === 'number' && max >= 1)) {
      throw new ThroughlineError(
        'invalid_option',
        `maxParallelCalls is ${shown(max)}; it must be 1 or more.`,
      );
    }
    this.#free = Math.floor(max);
  }

  /**
   * Does `work` once fewer than so many are at work; `known` is what is held already, and `work` is told what is held then. Rejects with the signal's
   * reason when it is aborted while waiting.
   */
  async use<T>(
    signal: AbortSignal,
    work: (held: HeldSemaphores) => Promise<T>,
    known: HeldSemaphores = new Set(),
  ): Promise<T> {
    const outer = new Set([...known, ...(held.getStore() ?? [])]);
    if (outer.has(this)) return work(outer);
    await this.#take(signal, [...outer]);
    const inner = new Set([...outer, this]);
    try {
      return await held.run(inner, () => work(inner));
    } finally {
      this.#give();
    }
  }

  async #take(signal: AbortSignal, outer: readonly Semaphore[]): Promise<void> {
    if (this.#free > 0 || outer.some((semaphore) => this.#mayWaitFor(semaphore))) {
      this.#free--;
      return;
    }
    let grant = () => {};
    const granted = new Promise<void>((resolve) => {
      grant = resolve;
    });
    this.#waiting.push(grant);
    for (const semaphore of outer) semaphore.#awaited.push(this);
    try {
      await orAborted(signal, granted);
    } catch (error) {
      const at = this.#waiting.indexOf(grant);
      if (at === -1) this.#give();
      else this.#waiting.splice(at, 1);
      throw error;
    } finally {
      for (const semaphore of outer) semaphore.#awaited.splice(semaphore.#awaited.indexOf(this), 1);
    }
  }

  #give(): void {
    const next = this.#free < 0 ? undefined : this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Whether work that holds this semaphore waits for the other, be it over third ones. */
  #mayWaitFor(other: Semaphore, seen = new Set<Semaphore>()): boolean {
    if (this.#awaited.includes(other)) return true;
    seen.add(this);
    return this.#awaited.some((next) => !seen.has(next) && next.#mayWaitFor(other, seen));
  }
}

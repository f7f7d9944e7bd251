import { orAborted } from '../base/abort.ts';
import { asyncContext } from '../base/async-context.ts';
import { shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';

/** What the work under way stands in. */
export type HeldSlots = ReadonlySet<Slots>;

/** The same for work that is done inside a call without its `nested` ties, where the runtime can tell. */
const held = asyncContext<HeldSlots>();

/**
 * Room for so many at once; the others wait in order. Work that is done inside such work does not wait where it
 * may wait for itself: for the same room, or for one while work that holds it waits for a room that this work
 * holds, as where two agents call each other.
 */
export class Slots {
  #free: number;
  /** The rooms that work which holds this one waits for now. */
  readonly #awaited: Slots[] = [];
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
   * Does `work` once there is room; `known` is what is held already, and `work` is told what is held then. Rejects with the signal's
   * reason when it is aborted while waiting.
   */
  async use<T>(
    signal: AbortSignal,
    work: (held: HeldSlots) => Promise<T>,
    known: HeldSlots = new Set(),
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

  async #take(signal: AbortSignal, outer: readonly Slots[]): Promise<void> {
    if (this.#free > 0 || outer.some((slots) => this.#mayWaitFor(slots))) {
      this.#free--;
      return;
    }
    let grant = () => {};
    const granted = new Promise<void>((resolve) => {
      grant = resolve;
    });
    this.#waiting.push(grant);
    for (const slots of outer) slots.#awaited.push(this);
    try {
      await orAborted(signal, granted);
    } catch (error) {
      const at = this.#waiting.indexOf(grant);
      if (at === -1) this.#give();
      else this.#waiting.splice(at, 1);
      throw error;
    } finally {
      for (const slots of outer) slots.#awaited.splice(slots.#awaited.indexOf(this), 1);
    }
  }

  #give(): void {
    const next = this.#free < 0 ? undefined : this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  /** Whether work that holds this room waits for the other, be it over third ones. */
  #mayWaitFor(other: Slots, seen = new Set<Slots>()): boolean {
    if (this.#awaited.includes(other)) return true;
    seen.add(this);
    return this.#awaited.some((next) => !seen.has(next) && next.#mayWaitFor(other, seen));
  }
}

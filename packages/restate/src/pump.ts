import { CancelledError, RestatePromise } from '@restatedev/restate-sdk';
import type { TerminalError } from '@restatedev/restate-sdk';

interface Waiting {
  readonly tagged: RestatePromise<Settled>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Settled = { readonly of: object } & (
  | { readonly value: unknown }
  | { readonly failure: TerminalError }
);

/**
 * Gives the results of the journal to a program with parallel branches, one at a time, in the order in which the journal has them.
 *
 * Restate lets only one of its promises be awaited at a time, and a replay must find the entries of the journal in their old order. So
 * nothing but this pump awaits a promise of Restate. It hands over one result, waits until the program has done what follows
 * from it, and only then looks for the next.
 */
export class Pump {
  /** Rejects where the attempt cannot go on: nothing of it counts then. Never resolves. */
  readonly broken: Promise<never>;
  readonly #waiting = new Map<object, Waiting>();
  readonly #busy = new Set<Promise<unknown>>();
  readonly #onCancel: () => unknown;
  #break: (error: unknown) => void = () => {};
  #running = false;
  #racing = false;
  #cancelled: { readonly reason: unknown } | undefined;

  /** `onCancel` is called once, when the run is cancelled, here or in Restate. What it returns is what every wait rejects with from then on. */
  constructor(onCancel: () => unknown) {
    this.#onCancel = onCancel;
    this.broken = new Promise((_, reject) => (this.#break = reject));
    this.broken.catch(() => {}); // the handler's caller hears of it
  }

  /** Settles as the promise of Restate does. */
  wait<T>(promise: RestatePromise<T>): Promise<T> {
    if (this.#cancelled !== undefined) return Promise.reject(this.#cancelled.reason);
    if (this.#racing) this.#break(new LateStep());
    const of = {};
    const tagged = promise.map<Settled>((value, failure) =>
      failure === undefined ? { of, value } : { of, failure },
    );
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(of, { tagged, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#running) void this.#run();
    });
  }

  /** Hands nothing over before this has settled: the program does something that takes longer than a moment. */
  hold(busy: Promise<unknown>): void {
    const over = busy.then(
      () => {},
      () => {},
    );
    this.#busy.add(over);
    void over.then(() => this.#busy.delete(over));
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (;;) {
        await this.#idle();
        if (this.#waiting.size === 0) break;
        const all = [...this.#waiting.values()].map(({ tagged }) => tagged);
        this.#racing = true;
        const settled = await RestatePromise.race(all);
        this.#racing = false;
        const waiting = this.#waiting.get(settled.of);
        this.#waiting.delete(settled.of);
        if ('failure' in settled) waiting?.reject(settled.failure);
        else waiting?.resolve(settled.value);
      }
      this.#running = false;
    } catch (error) {
      if (error instanceof CancelledError) this.cancel();
      else this.#break(error);
    }
  }

  /** Whatever the last result has set off has come to its next wait. */
  async #idle(): Promise<void> {
    do {
      await Promise.all(this.#busy);
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#busy.size > 0);
  }

  /** Rejects every wait, those to come too. */
  cancel(): void {
    if (this.#cancelled !== undefined) return;
    const reason = this.#onCancel();
    this.#cancelled = { reason };
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

/** Restate tries the attempt again, and what the program had to load is loaded then. */
class LateStep extends Error {
  override readonly name = 'LateStep';

  constructor() {
    super('A step began while others were waited for, so a replay could not find it in its place.');
  }
}

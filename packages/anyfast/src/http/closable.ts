import type { StopSignal } from '../wire/exchange.ts';
import { Stop } from './stop.ts';

/** What is read value by value. */
export interface Source<T> {
  /** The next value; undefined at the end. */
  next(): Promise<T | undefined>;
  /** Leaves nothing open, in any state. */
  close(): void;
}

/** The stop's reason when the caller leaves the iteration; no caller sees it. */
const left = Symbol('left');

/**
 * An iteration over what `open` opens when it begins. It ends at once, whatever it is waiting for: rejecting with the
 * signal's own reason when that aborts, quietly when it is left early. A generator would keep `return()` waiting for
 * the next batch, and costs each batch three promises more.
 */
export function closable<T>(
  open: (stop: StopSignal) => Promise<Source<T>>,
  signal: AbortSignal,
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new Iteration(open, signal) };
}

class Iteration<T> implements AsyncIterator<T, void> {
  readonly #open: (stop: StopSignal) => Promise<Source<T>>;
  readonly #signal: AbortSignal;
  readonly #stop = new Stop();
  readonly #pass = (): void => this.#stop.abort(this.#signal.reason);
  #source: Source<T> | undefined;
  #isBegun = false;
  #isOver = false;
  #isBusy = false;
  /** Who asked for the next value before the one before had come. */
  #queue: (() => void)[] | undefined;

  constructor(open: (stop: StopSignal) => Promise<Source<T>>, signal: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<T, void>> {
    while (this.#isBusy) {
      await new Promise<void>((resolve) => (this.#queue ??= []).push(resolve));
    }
    this.#isBusy = true;
    try {
      if (!this.#isBegun) await this.#begin();
      const value = this.#isOver ? undefined : await this.#source?.next();
      if (value !== undefined) return { done: false, value };
      this.#end();
      return over;
    } catch (error) {
      this.#end();
      if (this.#stop.reason === left) return over;
      throw error;
    } finally {
      this.#isBusy = false;
      this.#queue?.shift()?.();
    }
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#stop.abort(left);
    this.#end();
    return Promise.resolve(over);
  }

  async #begin(): Promise<void> {
    this.#isBegun = true;
    if (this.#isOver) return;
    if (this.#signal.aborted) this.#pass();
    else this.#signal.addEventListener('abort', this.#pass, { once: true });
    const source = await this.#open(this.#stop);
    if (this.#isOver) source.close();
    else this.#source = source;
  }

  #end(): void {
    this.#isOver = true;
    this.#signal.removeEventListener('abort', this.#pass);
    this.#source?.close();
    this.#source = undefined;
  }
}

const over: IteratorResult<never, void> = { done: true, value: undefined };

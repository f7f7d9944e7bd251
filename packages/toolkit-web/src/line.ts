/** A queue before a number of places: who finds none free waits for one, first come first served. */
export class Line {
  readonly #places: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#places = places;
  }

  get isEmpty(): boolean {
    return this.#taken === 0 && this.#waiting.size === 0;
  }

  /** Resolves, with the function that gives the place back, once there is one. Rejects with the reason of an abort. */
  enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#taken < this.#places) {
      this.#taken++;
      return Promise.resolve(this.#exit());
    }
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(go);
        reject(signal.reason as Error);
      };
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve(this.#exit());
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Hands the place to the next, or gives it back. Once. */
  #exit(): () => void {
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const [next] = this.#waiting;
      if (next === undefined) {
        this.#taken--;
        return;
      }
      this.#waiting.delete(next);
      next();
    };
  }
}

/** The seconds between the chunks of one answer. A chunk is what came at once: its deltas are told in one go. */
export class ChunkTimes {
  readonly seconds: number[] = [];
  #lastMs: number | undefined;
  #isSameChunk = false;

  delta(): void {
    if (this.#isSameChunk) return;
    this.#isSameChunk = true;
    queueMicrotask(() => (this.#isSameChunk = false));
    const nowMs = performance.now();
    if (this.#lastMs !== undefined) this.seconds.push((nowMs - this.#lastMs) / 1000);
    this.#lastMs = nowMs;
  }

  /** A new attempt at the answer: the time between the two is no chunk's. */
  retry(): void {
    this.#lastMs = undefined;
  }
}

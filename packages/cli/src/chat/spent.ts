import type { Usage } from '@throughline/core';

/** What the runs of a chat have used. */
export class Spent {
  #input = 0;
  #cached = 0;
  #output = 0;
  #usd = 0;
  #isPriced = true;
  #isEstimated = false;

  add({ inputTokens, cachedTokens, outputTokens, costUsd, estimated }: Usage): void {
    this.#input += inputTokens;
    this.#cached += cachedTokens;
    this.#output += outputTokens;
    this.#usd += costUsd ?? 0;
    this.#isPriced &&= costUsd !== undefined || inputTokens + outputTokens === 0;
    this.#isEstimated ||= estimated === true;
  }

  /** In a few words. Unknown is never zero. */
  get words(): string {
    const about = this.#isEstimated ? 'about ' : '';
    const tokens = `${about}${counted(this.#input + this.#output)} tokens`;
    return `${tokens}, ${this.#isPriced ? `$${this.#usd.toFixed(4)}` : 'price unknown'}`;
  }

  get allWords(): string {
    const [read, cached, wrote] = [this.#input, this.#cached, this.#output].map(counted);
    return `This chat: ${read} tokens read (${cached} of them cached), ${wrote} written; ${this.#isPriced ? `$${this.#usd.toFixed(4)} at list price` : 'the price is unknown'}.`;
  }
}

/** A number as a person reads it: 12,345. By hand: the first number that Intl writes takes 20 ms, and the status line has one. */
function counted(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

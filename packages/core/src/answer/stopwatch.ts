import type { AnswerTiming } from '../base/event.ts';
import { addUsage, noUsage } from '../base/model.ts';
import type { Usage } from '../base/model.ts';
import type { Writable } from '../base/writable.ts';

/** Time and tokens of one question, over all its attempts. */
export class Stopwatch {
  /** Whether the attempt under way has brought its first part. */
  hasFirstPart = false;
  readonly #fromMs = performance.now();
  #firstPartMs: number | undefined;
  #usage: Usage | undefined;
  #spent: Usage | undefined;

  markFirstPart(): void {
    this.hasFirstPart = true;
    this.#firstPartMs ??= performance.now() - this.#fromMs;
  }

  setUsage(usage: Usage): void {
    this.#usage = usage;
  }

  /** What the broken attempt has used counts too. */
  nextAttempt(): void {
    if (this.#usage !== undefined) this.#spent = addUsage(this.#spent ?? noUsage, this.#usage);
    this.#usage = undefined;
  }

  end(usage: Usage | undefined): {
    readonly timing: AnswerTiming;
    readonly usage: Usage | undefined;
  } {
    const totalMs = performance.now() - this.#fromMs;
    const firstPartMs = this.#firstPartMs ?? totalMs;
    const timing: Writable<AnswerTiming> = {
      firstPartMs: Math.round(firstPartMs),
      totalMs: Math.round(totalMs),
    };
    const seconds = (totalMs - firstPartMs) / 1000;
    if (usage !== undefined && seconds > 0) {
      timing.tokensPerSecond = Math.round(usage.outputTokens / seconds);
    }
    return { timing, usage: this.#spent === undefined ? usage : addUsage(this.#spent, usage) };
  }
}

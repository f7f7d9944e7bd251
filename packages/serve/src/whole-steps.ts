import type { RunEvent } from '@throughline/core';
import { innermost } from './shown-call.ts';

/**
 * Shows a step only once its answer is whole, so that nothing shown is ever void. What the answer says comes with `answer` itself. With
 * `keep: 'calls'` text and reasoning pass as they come, and only calls wait.
 */
export class WholeSteps {
  readonly #keepsText: boolean;
  /** What early reads told before their answer was whole. */
  #early: RunEvent[] = [];
  #isAnswered = true;

  constructor({ keep }: { readonly keep: 'all' | 'calls' }) {
    this.#keepsText = keep === 'all';
  }

  /** The events to show now, in order. */
  take(told: RunEvent): readonly RunEvent[] {
    const event = innermost(told);
    if (event !== told) return this.#isAnswered ? [told] : this.#keep(told);
    switch (event.type) {
      case 'reasoning.delta':
      case 'text.delta':
        this.#isAnswered = false;
        return this.#keepsText ? [] : [told];
      case 'call.delta':
      case 'output.partial':
        this.#isAnswered = false;
        return [];
      case 'step.retry':
        this.#early = [];
        return this.#keepsText ? [] : [told];
      case 'answer': {
        const early = this.#early;
        this.#early = [];
        this.#isAnswered = true;
        return [told, ...early];
      }
      case 'call.start':
      case 'call.progress':
      case 'call.end':
        return this.#isAnswered ? [told] : this.#keep(told);
    }
    return [told];
  }

  #keep(event: RunEvent): readonly RunEvent[] {
    this.#early.push(event);
    return [];
  }
}

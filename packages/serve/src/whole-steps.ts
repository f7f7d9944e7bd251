import type { RunEvent } from '@throughline/core';
import { innermost } from './shown-call.ts';

/**
 * Whether an event may be shown where a step is shown only once its answer is whole, so that nothing shown is ever void. What the answer
 * says comes with `answer` itself.
 */
export class WholeSteps {
  /** What early reads told before their answer was whole. */
  #early: RunEvent[] = [];
  #isAnswered = true;

  /** The events to show now, in order. */
  take(told: RunEvent): readonly RunEvent[] {
    const event = innermost(told);
    if (event !== told) return this.#isAnswered ? [told] : this.#keep(told);
    switch (event.type) {
      case 'reasoning.delta':
      case 'text.delta':
      case 'call.delta':
      case 'output.partial':
        this.#isAnswered = false;
        return [];
      case 'step.retry':
        this.#early = [];
        return [];
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

import type { EventOf, RunEvent } from '@throughline/core';

/** What is shown and not recorded of the step under way, for a reader who comes late: the pieces of each stream joined. */
export class StepSoFar {
  readonly #events = new Map<string, RunEvent>();

  get events(): readonly RunEvent[] {
    return [...this.#events.values()];
  }

  take(event: RunEvent): void {
    switch (event.type) {
      case 'step.start':
      case 'step.retry':
      case 'answer':
        this.#events.clear();
        if (event.type === 'step.start') this.#events.set('step', event);
        return;
      case 'text.delta':
      case 'reasoning.delta':
        return this.#join(event.type, event);
      case 'call.delta':
        return this.#join(`${event.type} ${event.call}`, event);
      case 'call.progress': // the last one stands for those before
        this.#events.set(`call.progress ${event.call}`, event);
        return;
      case 'call.end':
        this.#events.delete(`call.progress ${event.call}`);
        return;
    }
  }

  #join(stream: string, event: EventOf<'text.delta' | 'reasoning.delta' | 'call.delta'>): void {
    const before = this.#events.get(stream);
    const delta =
      before !== undefined && 'delta' in before ? before.delta + event.delta : event.delta;
    this.#events.set(stream, { ...event, delta });
  }
}

import { EventEmitter } from 'eventemitter3';
import { shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';
import { isKept } from '../base/event.ts';
import type { EventOf, RunEvent } from '../base/event.ts';

/** A listener for each type of event. */
export type Listener<T extends RunEvent['type']> = (event: EventOf<T>) => void;

type ListenerMap = { [T in RunEvent['type']]: (event: RunEvent) => void };

/** eventemitter3 with a guard round each listener: one that throws harms neither the run nor the others. */
export class Listeners {
  /** Made for the first listener: most runs have none of their own. */
  #emitter: EventEmitter<ListenerMap> | undefined;

  /** Throws `invalid_option` for an event that does not exist, and for what is no function. */
  on<T extends RunEvent['type']>(type: T, listener: Listener<T>): void {
    checkListener(type, listener);
    this.#emitter ??= new EventEmitter<ListenerMap>();
    this.#emitter.on(type, listener as ListenerMap[RunEvent['type']]);
  }

  off<T extends RunEvent['type']>(type: T, listener: Listener<T>): void {
    this.#emitter?.off(type, listener as ListenerMap[RunEvent['type']]);
  }

  has(type: RunEvent['type']): boolean {
    return this.#emitter !== undefined && this.#emitter.listenerCount(type) > 0;
  }

  /** Calls each listener; returns what they threw. The errors are also reported as uncaught ones are. */
  emit(event: RunEvent): readonly unknown[] {
    if (this.#emitter === undefined || !this.has(event.type)) return none;
    const thrown: unknown[] = [];
    // eventemitter3's own `emit` would hand a listener's exception to us and skip the listeners behind it.
    for (const listener of this.#emitter.listeners(event.type)) {
      try {
        listener(event);
      } catch (error) {
        thrown.push(error);
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    return thrown;
  }
}

const none: readonly unknown[] = [];

function checkListener(type: string, listener: unknown): void {
  if (!Object.hasOwn(isKept, type)) {
    const types = Object.keys(isKept).join(', ');
    throw new ThroughlineError(
      'invalid_option',
      `There is no event "${type}". The events are ${types}.`,
    );
  }
  if (typeof listener === 'function') return;
  const message = `The listener for "${type}" is ${shown(listener)}, but it must be a function.`;
  throw new ThroughlineError('invalid_option', message);
}

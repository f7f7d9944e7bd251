import type { MessageHeard, RecordedEvent } from '@throughline/core';

/** What the host says to a run under way. */
export interface Said {
  readonly source: 'steer' | 'followUp';
  readonly text: string;
}

/** Who takes a message in this process: the handle of the run. */
export interface Listener {
  steer(text: string): unknown;
  followUp(text: string): unknown;
}

/**
 * The messages that came for a run. The journal holds each of them, and holds the step that heard it. So on a replay those that were heard
 * before are not given to the run again.
 */
export class MessagesHeard {
  readonly #said: Said[] = [];
  readonly #heard = { steer: 0, followUp: 0 };
  readonly #given = { steer: 0, followUp: 0 };

  /** How many have come. */
  get count(): number {
    return this.#said.length;
  }

  add(said: Said): void {
    this.#said.push(said);
  }

  /** A step has heard one, now or in the journal. */
  take(event: RecordedEvent): void {
    if (event.type === 'message' && isSaid(event.source)) this.#heard[event.source]++;
  }

  /** Gives the run what it has not heard. To be called before a step that may listen does its work. */
  give(listener: Listener): void {
    for (const source of ['steer', 'followUp'] as const) {
      const texts = this.#of(source);
      const from = Math.max(this.#given[source], this.#heard[source]);
      for (const text of texts.slice(from)) listener[source](text);
      this.#given[source] = texts.length;
    }
  }

  /** What the run has ended without. */
  get unheard(): readonly string[] {
    return (['steer', 'followUp'] as const).flatMap((source) =>
      this.#of(source).slice(this.#heard[source]),
    );
  }

  #of(source: Said['source']): readonly string[] {
    return this.#said.flatMap((said) => (said.source === source ? [said.text] : []));
  }
}

function isSaid(source: MessageHeard['source']): source is Said['source'] {
  return source === 'steer' || source === 'followUp';
}

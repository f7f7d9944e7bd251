import { ThroughlineError } from '../base/error.ts';
import type { MessageHeard } from '../base/event.ts';
import type { UserMessage } from '../base/message.ts';

/** What is said to a run from outside while it runs, until the loop takes it. */
export class Inbox {
  readonly #waiting = { steer: [] as UserMessage[], followUp: [] as UserMessage[] };

  #closed = false;

  /** Throws `already_ended` when nobody will take it any more. */
  put(source: 'steer' | 'followUp', text: string): void {
    if (this.#closed) {
      throw new ThroughlineError(
        'already_ended',
        `The run has ended, so ${source}(${JSON.stringify(text.slice(0, 40))}) does not reach the model. Start a new run with run.messages as history.`,
      );
    }
    this.#waiting[source].push({ role: 'user', content: text });
  }

  /** From now on `put` throws. */
  close(): void {
    this.#closed = true;
  }

  /** What nobody has taken. */
  get unheard(): readonly string[] {
    const { steer, followUp } = this.#waiting;
    return [...steer, ...followUp].map(({ content }) => String(content));
  }

  /** The oldest message of this kind, if one waits. */
  take(source: 'steer' | 'followUp'): Pick<MessageHeard, 'source' | 'messages'> | undefined {
    const message = this.#waiting[source].shift();
    return message === undefined ? undefined : { source, messages: [message] };
  }
}

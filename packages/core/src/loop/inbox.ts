import { ThroughlineError } from '../base/error.ts';
import type { MessageHeard } from '../base/event.ts';
import type { UserMessage } from '../base/message.ts';

/** The messages that the host sends to a run, until the loop takes them. */
export class Inbox {
  readonly #waiting = { steer: [] as UserMessage[], followUp: [] as UserMessage[] };

  #closed = false;

  /** Throws `already_ended` once the loop takes no more messages. */
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

  /** The messages that the loop has not taken. */
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

// history/ owns conversations as lists of messages: folding events into them, checking them, compaction. It does not own when
// a history is made shorter: loop/ decides that.

import type { AnswerGiven, CallPending, RecordedEvent } from '../base/event.ts';
import type { Message, ToolMessage } from '../base/message.ts';

/**
 * Folds recorded events into the messages they stand for, after those of `history`. Every call is answered,
 * in call order, whatever happened.
 */
export function foldMessages(
  events: Iterable<RecordedEvent>,
  history: readonly Message[] = [],
): Message[] {
  const conversation = new Conversation(history);
  for (const event of events) conversation.add(event);
  return conversation.messages;
}

/** The same fold, event by event. */
export class Conversation {
  #messages: Message[];
  #open: OpenAnswer | undefined;

  constructor(history: readonly Message[] = []) {
    this.#messages = [...history];
  }

  /** A copy that can be sent: a call without a result has a text that says so. */
  get messages(): Message[] {
    return this.#open === undefined
      ? [...this.#messages]
      : [...this.#messages, ...answered(this.#open)];
  }

  add(event: RecordedEvent): void {
    switch (event.type) {
      case 'message':
        this.#close();
        this.#messages.push(...event.messages);
        break;
      case 'answer':
        this.#close();
        this.#messages.push(event.message);
        this.#open = { answer: event, ends: new Map(), pending: new Map() };
        break;
      case 'call.end':
        this.#open?.ends.set(event.call, event.message);
        break;
      case 'call.pending':
        this.#open?.pending.set(event.call, event);
        break;
      case 'history.compacted':
        this.#close();
        this.#messages = [...event.messages];
        break;
      case 'call.decided':
        this.#open?.pending.delete(event.call);
        break;
      case 'run.start':
      case 'call.start':
      case 'run.end':
        break;
    }
  }

  #close(): void {
    if (this.#open !== undefined) this.#messages.push(...answered(this.#open));
    this.#open = undefined;
  }
}

interface OpenAnswer {
  readonly answer: AnswerGiven;
  readonly ends: Map<number, ToolMessage>;
  readonly pending: Map<number, CallPending>;
}

function answered({ answer, ends, pending }: OpenAnswer): readonly ToolMessage[] {
  return (answer.message.tool_calls ?? []).map(
    ({ id }, at) => ends.get(at + 1) ?? openResult(id, pending.get(at + 1)),
  );
}

function openResult(id: string, asked: CallPending | undefined): ToolMessage {
  const content =
    asked !== undefined && asked.mayHaveRun === undefined
      ? 'This call waits for a person’s approval. It has not run.'
      : 'This call has no result: the run stopped before it ended. Do not assume that it ran, or that it did not.';
  return { role: 'tool', tool_call_id: id, content };
}

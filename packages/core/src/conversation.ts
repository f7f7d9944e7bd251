import { ThroughlineError } from './error.ts';
import type { AnswerGiven, RecordedEvent } from './event.ts';
import type { Message, ToolMessage } from './message.ts';

/**
 * Folds recorded events into the messages they stand for, after those of `history`. Every call is answered,
 * in call order, whatever happened.
 */
export function foldMessages(
  events: Iterable<RecordedEvent>,
  history: readonly Message[] = [],
): Message[] {
  let messages: Message[] = [...history];
  let open: OpenAnswer | undefined;
  const close = () => {
    if (open !== undefined) messages.push(...answered(open));
    open = undefined;
  };
  for (const event of events) {
    switch (event.type) {
      case 'message':
        close();
        messages.push(...event.messages);
        break;
      case 'answer':
        close();
        messages.push(event.message);
        open = { answer: event, ends: new Map(), pending: new Set() };
        break;
      case 'call.end':
        open?.ends.set(event.call, event.message);
        break;
      case 'call.pending':
        open?.pending.add(event.call);
        break;
      case 'history.compacted':
        close();
        messages = [...event.messages];
        break;
      case 'call.decided':
        open?.pending.delete(event.call);
        break;
      case 'run.start':
      case 'call.start':
      case 'run.end':
        break;
    }
  }
  close();
  return messages;
}

interface OpenAnswer {
  readonly answer: AnswerGiven;
  readonly ends: Map<number, ToolMessage>;
  readonly pending: Set<number>;
}

function answered({ answer, ends, pending }: OpenAnswer): readonly ToolMessage[] {
  return (answer.message.tool_calls ?? []).map(({ id }, at) => {
    const content = pending.has(at + 1)
      ? 'This call waits for a person’s approval. It has not run.'
      : 'This call has no result: the run stopped before it ended. Do not assume that it ran, or that it did not.';
    return ends.get(at + 1) ?? { role: 'tool', tool_call_id: id, content };
  });
}

const roles = ['system', 'user', 'assistant', 'tool'];

/**
 * Throws `invalid_input` for messages no endpoint would take: not a list, an unknown role, empty content, a
 * call without a result or a result without a call. `subject` names them, e.g. `history`.
 */
export function checkMessages(messages: readonly Message[], subject: string): void {
  const refuse = (at: number, why: string) => {
    throw new ThroughlineError('invalid_input', `${subject}[${at}] ${why}.`);
  };
  if (!Array.isArray(messages)) {
    throw new ThroughlineError('invalid_input', `${subject} is ${String(messages)}, not messages.`);
  }
  let waiting = new Set<string>();
  for (const [at, message] of messages.entries() as Iterable<[number, Message]>) {
    if (!roles.includes(message?.role)) refuse(at, `has the role ${JSON.stringify(message?.role)}`);
    if (message.role === 'tool') {
      if (!waiting.delete(message.tool_call_id)) {
        refuse(at, `answers the call "${message.tool_call_id}", which no message before it makes`);
      }
      continue;
    }
    if (waiting.size > 0) refuse(at, `comes before the result of ${list(waiting)}`);
    if (message.role === 'assistant') {
      waiting = new Set(message.tool_calls?.map(({ id }) => id));
    } else if (message.content === undefined || message.content.length === 0) {
      refuse(at, `is a ${message.role} message without content`);
    }
  }
  if (waiting.size > 0) {
    refuse(messages.length - 1, `is the end, but ${list(waiting)} has no result yet`);
  }
}

function list(ids: ReadonlySet<string>): string {
  return `the call ${[...ids].map((id) => `"${id}"`).join(', ')}`;
}

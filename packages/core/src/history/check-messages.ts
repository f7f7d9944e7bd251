import { shown } from '../base/check-options.ts';
import { ThroughlineError } from '../base/error.ts';
import type { Message } from '../base/message.ts';

const roles = ['system', 'user', 'assistant', 'tool'];
/**
 * Throws `invalid_input` for messages no endpoint would take: not a list, an unknown role, empty content, a
 * call without a result or a result without a call. `subject` names them, e.g. `history`.
 */
export function checkMessages(messages: readonly Message[], subject: string): void {
  const refuse = (at: number, reason: string) => {
    throw new ThroughlineError('invalid_input', `${subject}[${at}] ${reason}.`);
  };
  if (!Array.isArray(messages)) {
    const wanted = subject === 'input' ? 'a text or a list of messages' : 'a list of messages';
    const message = `${subject} is ${shown(messages)}, but it must be ${wanted}.`;
    throw new ThroughlineError('invalid_input', message);
  }
  let waiting = new Set<string>();
  for (const [at, message] of messages.entries() as Iterable<[number, Message]>) {
    if (!roles.includes(message?.role)) {
      refuse(at, `has the role ${shown(message?.role)}; the roles are ${roles.join(', ')}`);
    }
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
    const message = `${subject} ends while ${list(waiting)} has no result yet.`;
    throw new ThroughlineError('invalid_input', message);
  }
}
function list(ids: ReadonlySet<string>): string {
  return `the call ${[...ids].map((id) => `"${id}"`).join(', ')}`;
}
/** The input of a run as messages. Throws `invalid_input` for what cannot be sent. */
export function toMessages(input: string | readonly Message[]): readonly Message[] {
  if (typeof input !== 'string') {
    checkMessages(input, 'input');
    if (input.length > 0) return input;
  } else if (input.trim() !== '') return [{ role: 'user', content: input }];
  throw new ThroughlineError(
    'invalid_input',
    `The input is empty (${JSON.stringify(input)}). Pass a question, or at least one message.`,
  );
}

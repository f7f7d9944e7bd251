import { ModelError } from '@throughline/core';
import type { Message, ToolMessage } from '@throughline/core';

/** How the endpoint says that a history is not well formed: Moonshot's own words, as people report them. */
const structural = [
  /must be followed by tool messages/i,
  /tool_call_id\s+is not found/i,
  /must be a response to a preceding message with 'tool_calls'/i,
  /message at position \d+ .*must not be empty/i,
  /text content is empty/i,
];

/** Whether the endpoint refused a request because of how its history is built. */
export function isStructural(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.status !== 400) return false;
  return (
    error.code === 'invalid_request' && structural.some((phrase) => phrase.test(error.message))
  );
}

/** Whether the endpoint misses reasoning under the key it knows, be it there under another one. */
export function missesReasoning(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.status !== 400) return false;
  return /reasoning_content is missing|requires reasoning_content/i.test(error.message);
}

/**
 * The error of an endpoint that misses reasoning which the request carried: it names who dropped it. Undefined where a message with
 * calls has none of its own, so that the endpoint may be right.
 */
export function droppedOnTheWay(
  { code, message, status, requestId }: ModelError,
  messages: readonly Message[],
): ModelError | undefined {
  const thinking = messages.filter(
    (one) => one.role === 'assistant' && one.tool_calls !== undefined,
  );
  const carried = thinking.every((one) => 'reasoning_content' in one || 'reasoning' in one);
  if (thinking.length === 0 || !carried) return undefined;
  const told = `${message} The request carried the reasoning of every message with calls. A gateway between here and the model drops it: use another base URL, or ask its operator to pass reasoning_content on.`;
  return new ModelError(code, told, {
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

/**
 * The history in the strictest form: every call has its result right after it, there are no other results, and
 * nothing is empty. A call without a result gets one that says so. Undefined when it had this form already.
 */
export function strictHistory(messages: readonly Message[]): readonly Message[] | undefined {
  const strict: Message[] = [];
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool' || isEmpty(message)) continue;
    strict.push(message);
    if (message.role !== 'assistant' || message.tool_calls === undefined) continue;
    const results = resultsAfter(messages, at);
    for (const { id } of message.tool_calls) strict.push(results.get(id) ?? noResult(id));
  }
  const same = strict.length === messages.length && strict.every((one, at) => one === messages[at]);
  return same ? undefined : strict;
}

/** The results that stand between an assistant message and the next one. */
function resultsAfter(messages: readonly Message[], at: number): ReadonlyMap<string, ToolMessage> {
  const results = new Map<string, ToolMessage>();
  for (const message of messages.slice(at + 1)) {
    if (message.role === 'assistant') break;
    if (message.role === 'tool' && !results.has(message.tool_call_id)) {
      results.set(
        message.tool_call_id,
        isEmpty(message) ? noResult(message.tool_call_id) : message,
      );
    }
  }
  return results;
}

function isEmpty({ content, ...message }: Message): boolean {
  if ('tool_calls' in message && (message.tool_calls?.length ?? 0) > 0) return false;
  if (typeof content === 'string') return content.trim() === '';
  return (content ?? []).every((part) => part.type === 'text' && part.text.trim() === '');
}

function noResult(id: string): ToolMessage {
  return { role: 'tool', tool_call_id: id, content: 'This call has no recorded result.' };
}

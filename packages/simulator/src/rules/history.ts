import { isObject, parseJson, type JsonObject } from '../wire/json.ts';
import { checkContent } from './content.ts';

/** What of a request's settings bears on its history. */
export interface HistoryOptions {
  /** Whether thinking is on; default true. */
  readonly thinking?: boolean | undefined;
  /** Whether `thinking.keep` is `all`; default false. */
  readonly keepAll?: boolean | undefined;
  /** Whether `""` counts as missing reasoning (`reject`, the default) or as reasoning. */
  readonly emptyReasoning?: 'reject' | 'accept' | undefined;
}

/** A breach of the history rules: what the endpoint says, and at which message it was found. */
export interface HistoryBreach {
  readonly message: string;
  readonly index: number | undefined;
}

/**
 * Checks a list of messages by Moonshot's rules: roles and content, calls answered by tool
 * messages, arguments that are JSON, reasoning where it must be. Returns the first breach, in the
 * endpoint's own words, or undefined. It never throws, whatever the messages are.
 */
export function checkHistory(
  messages: unknown,
  options: HistoryOptions = {},
): HistoryBreach | undefined {
  if (!Array.isArray(messages) || messages.length === 0) {
    return { message: 'Invalid request: messages must not be empty', index: undefined };
  }
  const objects: JsonObject[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) {
      const told = `Invalid request: the message at position ${index} must be an object`;
      return { message: told, index };
    }
    const reason = checkContent(message, index, index === messages.length - 1);
    if (reason) return { message: reason, index };
    objects.push(message);
  }
  return checkPairing(objects) ?? checkArguments(objects) ?? checkReasoning(objects, options);
}

function checkPairing(messages: readonly JsonObject[]): HistoryBreach | undefined {
  const known = new Set<unknown>();
  const open = new Set<unknown>();
  let asking = 0;
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'tool') {
      const id = message['tool_call_id'];
      // The endpoint leaves the id out of its text; the two spaces are its own.
      const told = 'Invalid request: tool_call_id  is not found';
      if (typeof id !== 'string' || !known.has(id)) return { message: told, index };
      open.delete(id);
      continue;
    }
    if (open.size > 0) return unanswered(open, asking);
    for (const call of callsOf(message)) {
      known.add(call['id']);
      open.add(call['id']);
      asking = index;
    }
  }
  return open.size > 0 ? unanswered(open, asking) : undefined;
}

function unanswered(open: ReadonlySet<unknown>, index: number): HistoryBreach {
  const rule =
    "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
  const ids = [...open].join(', ');
  const missing = `The following tool_call_ids did not have response messages: ${ids}`;
  return { message: `${rule} ${missing}`, index };
}

function checkArguments(messages: readonly JsonObject[]): HistoryBreach | undefined {
  for (const [index, message] of messages.entries()) {
    for (const [at, call] of callsOf(message).entries()) {
      const called = call['function'];
      const where = `messages[${index}].tool_calls[${at}]`;
      if (!isObject(called) || typeof called['name'] !== 'string') {
        return { message: `Invalid request: ${where}.function must have a name`, index };
      }
      const given = called['arguments'];
      const parsed = typeof given === 'string' ? parseJson(given) : undefined;
      if (isObject(parsed?.value)) continue;
      const told = `Invalid request: ${where}.function.arguments must be a JSON object in a string`;
      return { message: told, index };
    }
  }
  return undefined;
}

function checkReasoning(
  messages: readonly JsonObject[],
  options: HistoryOptions,
): HistoryBreach | undefined {
  const { thinking = true, keepAll = false, emptyReasoning = 'reject' } = options;
  if (!thinking) return undefined;
  for (const [index, message] of messages.entries()) {
    if (message['role'] !== 'assistant') continue;
    const reasoning = message['reasoning_content'];
    const there =
      typeof reasoning === 'string' && (reasoning !== '' || emptyReasoning === 'accept');
    if (there) continue;
    if (callsOf(message).length > 0) {
      const told = `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${index}`;
      return { message: told, index };
    }
    if (!keepAll || message['partial'] === true) continue;
    const told = `preserved thinking (thinking.keep=all) requires reasoning_content on every assistant message, but assistant message at index ${index} is missing reasoning_content`;
    return { message: told, index };
  }
  return undefined;
}

/** The calls of a message; none if it has no proper list of them. */
export function callsOf(message: JsonObject): readonly JsonObject[] {
  const calls = message['tool_calls'];
  return Array.isArray(calls) ? calls.filter(isObject) : [];
}

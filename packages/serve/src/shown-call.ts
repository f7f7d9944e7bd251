import type { AssistantMessage, Json, RunEvent } from '@throughline/core';

/** The event itself, also where agents inside calls pass it on. */
export function innermost(event: RunEvent): Exclude<RunEvent, { type: 'call.event' }> {
  return event.type === 'call.event' ? innermost(event.event) : event;
}

/**
 * The id of an event's call, for a client that sees one list of calls: of an agent inside a call it begins with that call's place
 * (`1/call/2/search:0`), since each conversation counts its own ids.
 */
export function callIdIn(
  runId: string,
  event: { readonly runId: string; readonly callId?: string },
): string {
  const { callId = '' } = event;
  return event.runId === runId ? callId : `${event.runId.slice(runId.length + 1)}/${callId}`;
}

/** The calls of an answer, with their places. */
export function namedCalls({ tool_calls: calls = [] }: AssistantMessage) {
  return calls.map(({ id, function: { name, arguments: args } }, at) => {
    return { place: at + 1, id, name, args };
  });
}

/** The JSON value of a text, so that a page gets an object; the text itself where it is no JSON. */
export function parsedOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

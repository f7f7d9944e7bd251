// What was said, in the shapes of the conventions: lists of messages, each a role and parts, as JSON texts.

import type { Attributes } from '@opentelemetry/api';
import { foldMessages } from '@throughline/core';
import type { Content, EventOf, Message, RecordedEvent } from '@throughline/core';
import type { AskedWith } from './asked-with.ts';

/** `recorded` is what this run has told so far, the answer itself last. A history from before the run is not in it. */
export function chatContent(
  answer: EventOf<'answer'>,
  { instructions, tools, choseMessages }: AskedWith,
  recorded: readonly RecordedEvent[],
): Attributes {
  const attributes: Attributes = {};
  const before = foldMessages(recorded.slice(0, -1));
  if (!choseMessages) attributes['gen_ai.input.messages'] = JSON.stringify(before.map(told));
  const finish_reason = answer.finishReason === 'tool_calls' ? 'tool_call' : answer.finishReason;
  attributes['gen_ai.output.messages'] = JSON.stringify([
    { ...told(answer.message), finish_reason },
  ]);
  if (instructions !== '') {
    attributes['gen_ai.system_instructions'] = JSON.stringify([text(instructions)]);
  }
  if (tools.length > 0) {
    const definitions = tools.map((tool) => ({ type: 'function', ...tool }));
    attributes['gen_ai.tool.definitions'] = JSON.stringify(definitions);
  }
  return attributes;
}

/** What a tool was given. */
export function argumentsOf(input: unknown): Attributes {
  const json = written(input);
  return json === undefined ? {} : { 'gen_ai.tool.call.arguments': json };
}

/** What the model read of a call. */
export function resultOf({ message }: EventOf<'call.end'>): Attributes {
  return { 'gen_ai.tool.call.result': JSON.stringify(message.content) };
}

function told(message: Message): { readonly role: string; readonly parts: readonly object[] } {
  const { role } = message;
  if (role === 'tool') {
    const { tool_call_id: id, content: response } = message;
    return { role, parts: [{ type: 'tool_call_response', id, response }] };
  }
  if (role !== 'assistant') return { role, parts: partsOf(message.content) };
  const reasoning = message.reasoning_content ?? message.reasoning;
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: json } }) => {
    return { type: 'tool_call', id, name, arguments: parsed(json) };
  });
  const thought = reasoning ? [{ type: 'reasoning', content: reasoning }] : [];
  return { role, parts: [...thought, ...partsOf(message.content ?? ''), ...calls] };
}

/** Pictures and films are named, not told: they may have megabytes. */
function partsOf(content: Content): readonly object[] {
  if (typeof content === 'string') return content === '' ? [] : [text(content)];
  return content.map((part) => (part.type === 'text' ? text(part.text) : { type: part.type }));
}

const text = (content: string) => ({ type: 'text', content });

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** A schema may make of arguments what JSON has no words for. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

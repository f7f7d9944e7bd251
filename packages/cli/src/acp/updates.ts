import type { SessionUpdate, ToolCallContent, ToolKind } from '@agentclientprotocol/sdk';
import { textOf } from '@throughline/core';
import type { Effect, Message, RunEvent } from '@throughline/core';
import { visibleText } from '../terminal/visible-text.ts';

/** What of a call names it: in a session no two calls share it. */
export interface CallOfRun {
  readonly runId: string;
  readonly step: number;
  readonly call: number;
}

export const callId = ({ runId, step, call }: CallOfRun): string => `${runId}/${step}/${call}`;

/** What an editor shows of an event of a run; most events are nothing to it. */
export function updatesOf(event: RunEvent, started: Set<string>): readonly SessionUpdate[] {
  switch (event.type) {
    case 'reasoning.delta':
      return [said('agent_thought_chunk', event.delta)];
    case 'text.delta':
      return [said('agent_message_chunk', event.delta)];
    case 'step.retry':
      // What was shown cannot be taken back.
      return [said('agent_thought_chunk', `\n(The model is asked again: ${event.reason})\n`)];
    case 'call.start':
      return [begun(event, started)];
    case 'call.progress':
      return [
        {
          sessionUpdate: 'tool_call_update',
          toolCallId: callId(event),
          content: [content(shown(event.progress))],
        },
      ];
    case 'call.end': {
      const isNew = !started.has(callId(event)); // a call that may not run has no start
      const words = textOf(event.message.content);
      const end: SessionUpdate = {
        sessionUpdate: 'tool_call_update',
        toolCallId: callId(event),
        status: event.outcome === 'ok' ? 'completed' : 'failed',
        content: [content(words)],
      };
      return isNew ? [begun({ ...event, arguments: '{}', effect: 'read' }, started), end] : [end];
    }
    default:
      return [];
  }
}

/** A stored conversation, told again to an editor that opens it. */
export function replayOf(messages: readonly Message[]): readonly SessionUpdate[] {
  return messages.flatMap((message, index): readonly SessionUpdate[] => {
    const { content: body } = message;
    const text = body === undefined || body === null ? '' : textOf(body);
    if (message.role === 'user') return [said('user_message_chunk', text)];
    if (message.role === 'tool') {
      const toolCallId = `replay/${message.tool_call_id}`;
      return [
        {
          sessionUpdate: 'tool_call_update',
          toolCallId,
          status: 'completed',
          content: [content(text)],
        },
      ];
    }
    if (message.role !== 'assistant') return [];
    const thought = message.reasoning_content ?? message.reasoning ?? '';
    const calls = (message.tool_calls ?? []).map(
      ({ id, function: { name, arguments: given } }): SessionUpdate => ({
        sessionUpdate: 'tool_call',
        toolCallId: `replay/${id || index}`,
        title: titleOf(name, given),
        kind: kindOf(name, 'read'),
        status: 'in_progress',
      }),
    );
    return [
      ...(thought === '' ? [] : [said('agent_thought_chunk', thought)]),
      ...(text === '' ? [] : [said('agent_message_chunk', text)]),
      ...calls,
    ];
  });
}

interface CallToShow extends CallOfRun {
  readonly name: string;
  readonly arguments: string;
  readonly effect: Effect;
}

/** How an editor shows a call that begins, or that a person is asked about. */
export function callToShow({ name, arguments: given, effect, ...place }: CallToShow) {
  return {
    toolCallId: callId(place),
    title: titleOf(name, given),
    kind: kindOf(name, effect),
    ...(inputOf(given) === undefined ? {} : { rawInput: inputOf(given) }),
  };
}

function begun(call: CallToShow, started: Set<string>): SessionUpdate {
  started.add(callId(call));
  return { sessionUpdate: 'tool_call', status: 'in_progress', ...callToShow(call) };
}

export function said(
  sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk' | 'user_message_chunk',
  text: string,
): SessionUpdate {
  return { sessionUpdate, content: { type: 'text', text: visibleText(text) } };
}

function content(text: string): ToolCallContent {
  return { type: 'content', content: { type: 'text', text: visibleText(text) } };
}

function titleOf(name: string, given: string): string {
  const [first] = Object.values(inputOf(given) ?? {}).filter((value) => typeof value === 'string');
  return visibleText(first === undefined ? name : `${name}: ${first.slice(0, 120)}`).replaceAll(
    '\n',
    ' ',
  );
}

function inputOf(given: string): Record<string, unknown> | undefined {
  try {
    const input: unknown = JSON.parse(given);
    return typeof input === 'object' && input !== null
      ? (input as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const kinds: readonly (readonly [RegExp, ToolKind])[] = [
  [/^(read)/, 'read'],
  [/^(list|search|glob)/, 'search'],
  [/^(write|edit|make)/, 'edit'],
  [/^delete/, 'delete'],
  [/^move/, 'move'],
  [/command/, 'execute'],
  [/^fetch/, 'fetch'],
];

function kindOf(name: string, effect: Effect): ToolKind {
  return (
    kinds.find(([pattern]) => pattern.test(name))?.[1] ?? (effect === 'read' ? 'read' : 'other')
  );
}

function shown(progress: unknown): string {
  return typeof progress === 'string' ? progress : JSON.stringify(progress);
}

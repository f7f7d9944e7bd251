import type { SessionUpdate, ToolCallContent, ToolKind } from '@agentclientprotocol/sdk';
import { textOf } from '@throughline/core';
import type { Effect, Message, RunEvent } from '@throughline/core';

/** What of a call names it: in a session no two calls share it. */
interface CallOfRun {
  readonly runId: string;
  readonly step: number;
  readonly call: number;
}

interface CallToShow extends CallOfRun {
  readonly name: string;
  readonly arguments: string;
  readonly effect: Effect;
}

/** What an editor is told of one conversation. All text of it goes through `clean`. */
export class SessionUpdates {
  readonly #clean: (text: string) => string;
  /** The calls that the editor knows. */
  readonly #begun = new Set<string>();

  constructor(clean: (text: string) => string) {
    this.#clean = clean;
  }

  /** What an editor shows of an event of a run; most events are nothing to it. */
  of(event: RunEvent): readonly SessionUpdate[] {
    switch (event.type) {
      case 'reasoning.delta':
        return [this.said('agent_thought_chunk', event.delta)];
      case 'text.delta':
        return [this.said('agent_message_chunk', event.delta)];
      case 'step.retry':
        // What was shown cannot be taken back.
        return [
          this.said('agent_thought_chunk', `\n(The model is asked again: ${event.reason})\n`),
        ];
      case 'call.start':
        return [this.#begin(event)];
      case 'call.progress':
        return [
          {
            sessionUpdate: 'tool_call_update',
            toolCallId: callId(event),
            content: [this.#content(shown(event.progress))],
          },
        ];
      case 'call.end': {
        const isNew = !this.#begun.has(callId(event)); // a call that may not run has no start
        const end: SessionUpdate = {
          sessionUpdate: 'tool_call_update',
          toolCallId: callId(event),
          status: event.outcome === 'ok' ? 'completed' : 'failed',
          content: [this.#content(textOf(event.message.content))],
        };
        return isNew ? [this.#begin({ ...event, arguments: '{}', effect: 'read' }), end] : [end];
      }
      default:
        return [];
    }
  }

  /** A stored conversation, told again to an editor that opens it. */
  replay(messages: readonly Message[]): readonly SessionUpdate[] {
    return messages.flatMap((message, index): readonly SessionUpdate[] => {
      const { content: body } = message;
      const text = body === undefined || body === null ? '' : textOf(body);
      if (message.role === 'user') return [this.said('user_message_chunk', text)];
      if (message.role === 'tool') {
        return [
          {
            sessionUpdate: 'tool_call_update',
            toolCallId: `replay/${message.tool_call_id}`,
            status: 'completed',
            content: [this.#content(text)],
          },
        ];
      }
      if (message.role !== 'assistant') return [];
      const thought = message.reasoning_content ?? message.reasoning ?? '';
      const calls = (message.tool_calls ?? []).map(
        ({ id, function: { name, arguments: given } }): SessionUpdate => ({
          sessionUpdate: 'tool_call',
          toolCallId: `replay/${id || index}`,
          title: this.#title(name, inputOf(this.#clean(given))),
          kind: kindOf(name, 'read'),
          status: 'in_progress',
        }),
      );
      return [
        ...(thought === '' ? [] : [this.said('agent_thought_chunk', thought)]),
        ...(text === '' ? [] : [this.said('agent_message_chunk', text)]),
        ...calls,
      ];
    });
  }

  /** How an editor shows a call that begins, or that a person is asked about. */
  call({ name, arguments: given, effect, ...place }: CallToShow) {
    const input = inputOf(this.#clean(given));
    return {
      toolCallId: callId(place),
      title: this.#title(name, input),
      kind: kindOf(name, effect),
      ...(input === undefined ? {} : { rawInput: input }),
    };
  }

  said(
    sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk' | 'user_message_chunk',
    text: string,
  ): SessionUpdate {
    return { sessionUpdate, content: { type: 'text', text: this.#clean(text) } };
  }

  #begin(call: CallToShow): SessionUpdate {
    this.#begun.add(callId(call));
    return { sessionUpdate: 'tool_call', status: 'in_progress', ...this.call(call) };
  }

  #content(text: string): ToolCallContent {
    return { type: 'content', content: { type: 'text', text: this.#clean(text) } };
  }

  /** The name and the first words of the input, on one line. */
  #title(name: string, input: Readonly<Record<string, unknown>> = {}): string {
    const [first] = Object.values(input).filter((value) => typeof value === 'string');
    const words = first === undefined ? name : `${name}: ${this.#clean(first).slice(0, 120)}`;
    return this.#clean(words).replaceAll('\n', ' ');
  }
}

function callId({ runId, step, call }: CallOfRun): string {
  return `${runId}/${step}/${call}`;
}

function inputOf(given: string): Readonly<Record<string, unknown>> | undefined {
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

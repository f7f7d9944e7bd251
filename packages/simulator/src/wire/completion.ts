import type { Answer, Usage } from './answer.ts';
import { reasoningDelta, type Head } from './frame.ts';

/** A whole answer in one JSON body. Its message is loose, because faults make it wrong on purpose. */
export interface Completion extends Head {
  readonly object: 'chat.completion';
  readonly choices: readonly {
    readonly index: number;
    readonly message: { readonly [key: string]: unknown };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: Usage;
}

/** The completion of an answer, as the endpoint sends it when no stream was asked for. */
export function toCompletion(answer: Answer, head: Head): Completion {
  const { text, reasoning, reasoningKey, calls, finishReason, usage } = answer;
  const message = {
    role: 'assistant',
    ...(text !== undefined && { content: text }),
    ...(reasoning !== '' && reasoningDelta(reasoningKey, reasoning)),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: given }, index) => ({
        index,
        id,
        type: 'function',
        function: { name, arguments: given },
      })),
    }),
  };
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: [
      { index: 0, message, ...(finishReason !== undefined && { finish_reason: finishReason }) },
    ],
    usage,
  };
}

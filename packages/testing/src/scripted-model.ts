import { checkOptions, ModelError } from '@throughline/core';
import type { FinishReason, Model, ModelPart, ModelRequest, Usage } from '@throughline/core';

/** What a scripted model says in one step. What is left out is not said. */
export interface ScriptedAnswer {
  readonly reasoning?: string;
  readonly text?: string;
  /** `arguments` as an object becomes JSON text, a string stands as it is. */
  readonly calls?: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly usage?: Usage;
  /** Default: `tool_calls` if there are calls, else `stop`. */
  readonly finishReason?: FinishReason;
  /** Thrown after what was said, instead of finishing. */
  readonly error?: Error;
}

/** A list of answers, or a function asked for each. */
export type ModelScript =
  | readonly ScriptedAnswer[]
  | ((request: ModelRequest, index: number) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** A model without a network, for tests of agents. It keeps every request it was asked. */
export interface ScriptedModel extends Model {
  readonly requests: readonly ModelRequest[];
}

/**
 * A model that says what the script says, one part for each word. Asked more often than a list has answers,
 * it throws a `ModelError`, so that a test that asks too often fails.
 */
export function scriptedModel(script: ModelScript): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    id: 'scripted',
    requests,
    async *stream(request, signal) {
      signal.throwIfAborted();
      const index = requests.length;
      // A request's arrays may grow after it was asked; what a test sees must not.
      requests.push({
        ...request,
        messages: [...request.messages],
        tools: [...request.tools],
      });
      const answer = typeof script === 'function' ? await script(request, index) : script[index];
      if (answer === undefined) throw used(index);
      checkOptions(`Answer ${index + 1} of scriptedModel()`, answer, known);
      for (const part of partsOf(answer, callsBefore(request))) {
        signal.throwIfAborted();
        yield [part];
      }
      if (answer.error !== undefined) throw answer.error;
    },
  };
}

const known: Readonly<Record<keyof ScriptedAnswer, true>> = {
  reasoning: true,
  text: true,
  calls: true,
  usage: true,
  finishReason: true,
  error: true,
};

function* partsOf(answer: ScriptedAnswer, callsBefore: number): Generator<ModelPart> {
  const { reasoning = '', text = '', calls = [], usage, finishReason, error } = answer;
  for (const delta of words(reasoning)) yield { type: 'reasoning', delta };
  for (const delta of words(text)) yield { type: 'text', delta };
  for (const [index, { name, arguments: input }] of calls.entries()) {
    const json = typeof input === 'string' ? input : JSON.stringify(input);
    const id = `${name}:${callsBefore + index}`;
    yield { type: 'call', index, id, name, delta: '' };
    for (const delta of words(json)) yield { type: 'call', index, delta };
  }
  if (usage !== undefined) yield { type: 'usage', usage };
  if (error !== undefined) return;
  yield { type: 'finish', reason: finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop') };
}

function words(text: string): readonly string[] {
  return text.split(/(?<=\s)/).filter((word) => word !== '');
}

/** Ids are counted through the conversation, as the endpoint counts them. */
function callsBefore({ messages }: ModelRequest): number {
  return messages.reduce(
    (sum, message) => sum + (message.role === 'assistant' ? (message.tool_calls?.length ?? 0) : 0),
    0,
  );
}

function used(index: number): ModelError {
  return new ModelError(
    'bad_response',
    `The script has no answer for request number ${index + 1}; it has ${index}.`,
  );
}

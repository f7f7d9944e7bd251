import type { FinishReason, Model, ModelPart, ModelRequest, Usage } from '../../src/index.ts';

/** One scripted answer: its parts are sent as one batch each, or as given. */
export interface Answer {
  readonly reasoning?: string;
  readonly text?: string;
  readonly calls?: readonly (readonly [name: string, input: unknown])[];
  readonly finish?: FinishReason;
  readonly usage?: Usage;
  /** Sent instead of all the above; an error is thrown where it stands, a promise waited for. */
  readonly parts?: readonly (ModelPart | Error | Promise<unknown>)[];
}

export interface FakeModel extends Model {
  /** What was asked, copied when it was asked. */
  readonly requests: ModelRequest[];
}

/** A model that answers from a list, in order. */
export function fakeModel(...answers: readonly Answer[]): FakeModel {
  const requests: ModelRequest[] = [];
  return {
    id: 'fake',
    requests,
    async *stream(request, signal) {
      const answer = answers[requests.length];
      requests.push(structuredClone(request));
      if (answer === undefined)
        throw new Error(`The script ends before request ${requests.length}.`);
      for (const part of answer.parts ?? toParts(answer)) {
        if (part instanceof Error) throw part;
        if (part instanceof Promise) await part;
        else yield [part];
        signal.throwIfAborted();
      }
    },
  };
}

function toParts({ reasoning, text, calls = [], finish, usage }: Answer): readonly ModelPart[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, delta: reasoning }]),
    ...(text === undefined ? [] : [{ type: 'text' as const, delta: text }]),
    ...calls.map(([name, input], index) => callPart(index, name, input)),
    ...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]),
    { type: 'finish', reason: finish ?? (calls.length > 0 ? 'tool_calls' : 'stop') },
  ];
}

export function callPart(
  index: number,
  name: string,
  input: unknown,
): ModelPart & { type: 'call' } {
  const delta = typeof input === 'string' ? input : JSON.stringify(input);
  return { type: 'call', index, id: `${name}:${index}`, name, delta };
}

export const finished: ModelPart = { type: 'finish', reason: 'tool_calls' };

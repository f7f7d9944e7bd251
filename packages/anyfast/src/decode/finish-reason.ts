import type { ModelPart } from '@throughline/core';

/** The part that ends an answer. */
export type Finish = Extract<ModelPart, { type: 'finish' }>;

/** The finish where the host said why the model stopped; undefined where it did not, or invented a reason. */
export function knownFinish(said: string | undefined, makesCalls: boolean): Finish | undefined {
  if (said === 'length' || said === 'content_filter') return { type: 'finish', reason: said };
  if (said !== 'stop' && said !== 'tool_calls' && said !== 'function_call') return undefined;
  return { type: 'finish', reason: makesCalls ? 'tool_calls' : 'stop' };
}

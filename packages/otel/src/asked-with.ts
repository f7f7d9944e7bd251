import { withChange } from '@throughline/core';
import type { RequestChange, RequestSetup } from '@throughline/core';

/** How the model is asked, beside the conversation, as far as this run has told it. */
export interface AskedWith extends RequestSetup {
  /** The messages were chosen for the last question alone. */
  readonly choseMessages: boolean;
}

/** Before the first answer only the model is known, or nothing: then it is an empty text. */
export function askedAtFirst(model = ''): AskedWith {
  return {
    model,
    instructions: '',
    tools: [],
    toolChoice: 'auto',
    thinking: undefined,
    parameters: undefined,
    choseMessages: false,
  };
}

/** After an answer, which tells what is not as in the answer before. */
export function askedAfter(before: AskedWith, change: RequestChange | undefined): AskedWith {
  return {
    ...before,
    ...withChange(before, change),
    choseMessages: change?.messages !== undefined,
  };
}

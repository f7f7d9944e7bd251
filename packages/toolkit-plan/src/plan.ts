// The package owns two tools with which a model works openly: its to-do list, and its questions to a person. It does not own how
// either is shown, nor how a call waits for a person: that is core's approval.

import type { Toolkit } from '@throughline/core';
import { askUser } from './ask-user.ts';
import { updatePlan } from './update-plan.ts';

/**
 * `update_plan`, which tells the host the model's to-do list, and `ask_user`, which waits for a person's answer as a call waits for
 * approval. Both have the effect `read`: they change nothing in the world. It keeps nothing, so one may serve any number of runs.
 */
export function plan(): Toolkit<unknown> {
  return { name: 'plan', tools: [updatePlan(), askUser()] };
}

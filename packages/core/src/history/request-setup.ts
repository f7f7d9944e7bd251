import type { RequestChange } from '../base/event.ts';
import type { ModelRequest, ToolSpec } from '../base/model.ts';

/** How a model was asked, beside the conversation. */
export interface RequestSetup {
  readonly model: string;
  /** The system message; empty where there is none. */
  readonly instructions: string;
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ModelRequest['toolChoice'];
  readonly thinking: boolean | undefined;
  readonly parameters: ModelRequest['parameters'];
}

/** How the model is asked after a change that an answer has told (`answer.request`): what the change does not name stays. */
export function withChange(
  before: RequestSetup | undefined,
  change: RequestChange | undefined,
): RequestSetup | undefined {
  if (change === undefined) return before;
  const { thinking, parameters } = change;
  return {
    model: change.model ?? before?.model ?? '',
    instructions: change.instructions ?? before?.instructions ?? '',
    tools: change.tools ?? before?.tools ?? [],
    toolChoice: change.toolChoice ?? before?.toolChoice ?? 'auto',
    thinking: thinking === undefined ? before?.thinking : (thinking ?? undefined),
    parameters: parameters === undefined ? before?.parameters : (parameters ?? undefined),
  };
}

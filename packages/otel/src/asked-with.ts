import type { RequestChange, ToolSpec } from '@throughline/core';

/**
 * How the model is asked, beside the conversation, as far as this run has told it: an answer tells what is not as in the answer before.
 */
export class AskedWith {
  model: string | undefined;
  instructions = '';
  tools: readonly ToolSpec[] = [];
  parameters: Readonly<Record<string, unknown>> = {};
  /** The messages were chosen for the last question alone. */
  choseMessages = false;

  constructor(model: string | undefined) {
    this.model = model;
  }

  change(change: RequestChange | undefined): void {
    this.model = change?.model ?? this.model;
    this.instructions = change?.instructions ?? this.instructions;
    this.tools = change?.tools ?? this.tools;
    if (change?.parameters !== undefined) this.parameters = change.parameters ?? {};
    this.choseMessages = change?.messages !== undefined;
  }
}

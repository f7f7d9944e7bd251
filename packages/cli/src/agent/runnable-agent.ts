import type { Agent } from '@throughline/core';

/** An agent that the command line runs: one whose tools need no context, whatever it answers with. */
export type RunnableAgent = Agent<unknown, unknown>;

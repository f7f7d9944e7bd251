import { agentOptions } from '../read-options.ts';
import type { readOptions } from '../read-options.ts';

/** The options of `throughline sessions`, of all its actions. */
export const sessionsOptions = {
  ...agentOptions,
  json: { type: 'boolean' },
  at: { type: 'string' },
  approve: { type: 'boolean' },
  refuse: { type: 'string' },
  answer: { type: 'string', multiple: true },
  result: { type: 'string' },
} as const;

/** What the person asks for, read. */
export type SessionsOptions = ReturnType<typeof readOptions<typeof sessionsOptions>>['values'];

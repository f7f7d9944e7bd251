import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';

const tick = tool({
  name: 'tick',
  description: 'Ticks.',
  inputSchema: { type: 'object', properties: {} },
  effect: 'read',
  execute: () => 'tock',
});

/** An agent that never comes to an end by itself. */
export const agent = new Agent({
  model: anyfast('kimi-k2.6'),
  tools: [tick],
  limits: [limit.steps(2, { atLimit: 'stop' })],
});

import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import { about, apiKey, model, question } from '../contender.ts';
import type { Contender } from '../contender.ts';

/** This framework with a JSON Schema in zod's place: what core and anyfast cost by themselves. */
export const contender: Contender = {
  prepare({ baseURL, maxSteps, look }) {
    const agent = new Agent({
      model: anyfast(model, { baseURL, apiKey }),
      tools: [
        tool({
          name: about.name,
          description: about.description,
          effect: 'read',
          inputSchema: {
            type: 'object',
            properties: { at: { type: 'string', description: about.at } },
            required: ['at'],
            additionalProperties: false,
          },
          execute: (input) => look((input as { at: string }).at),
        }),
      ],
      limits: [limit.steps(maxSteps)],
    });
    return async () => (await agent.run(question)).text;
  },
};

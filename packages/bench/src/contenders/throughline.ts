import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import { z } from 'zod';
import { about, apiKey, model, question } from '../contender.ts';
import type { Contender } from '../contender.ts';

/** This framework, as its README shows it. */
export const contender: Contender = {
  prepare({ baseURL, maxSteps, look, onDelta }) {
    const agent = new Agent({
      model: anyfast(model, { baseURL, apiKey }),
      tools: [
        tool({
          name: about.name,
          description: about.description,
          effect: 'read',
          inputSchema: z.object({ at: z.string().describe(about.at) }),
          execute: ({ at }) => look(at),
        }),
      ],
      limits: [limit.steps(maxSteps)],
    });
    if (onDelta !== undefined) {
      agent.on('text.delta', ({ delta }) => onDelta(delta));
      agent.on('reasoning.delta', ({ delta }) => onDelta(delta));
    }
    return async () => (await agent.run(question)).text;
  },
};

import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import { z } from 'zod';
import { about, apiKey, model, question } from '../contender.ts';
import type { Contender } from '../contender.ts';

/** What a host keeps of runs that wait, to decide some day. */
const waiting: (() => void)[] = [];

/** This framework, as its README shows it. */
export const contender: Contender = {
  prepare({ baseURL, maxSteps, look, onDelta, open }) {
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
    if (open === undefined) return async () => (await agent.run(question)).text;
    return async () => {
      const session = await open();
      const { text } = await agent.run(question, { session });
      await session.close();
      return text;
    };
  },
  wait({ baseURL }) {
    const agent = new Agent({
      model: anyfast(model, { baseURL, apiKey }),
      tools: [
        tool({
          name: about.name,
          description: about.description,
          effect: 'destructive',
          inputSchema: z.object({ at: z.string().describe(about.at) }),
          execute: ({ at }) => `Nothing at ${at}.`,
        }),
      ],
    });
    return () =>
      new Promise((resolve, reject) => {
        const decide = () => {
          resolve();
          return new Promise<undefined>((decided) => waiting.push(() => decided(undefined)));
        };
        agent.run(question, { decide }).catch(reject);
      });
  },
};

import { streamText } from '@xsai/stream-text';
import { tool } from '@xsai/tool';
import { z } from 'zod';
import { about, apiKey, model, question } from './task.mjs';

/** @type {import('../src/contender.ts').Contender} */
export const contender = {
  prepare({ baseURL, maxSteps, look, onDelta }) {
    const tools = tool({
      name: about.name,
      description: about.description,
      parameters: z.object({ at: z.string().describe(about.at) }),
      execute: ({ at }) => look(at),
    });
    return async () => {
      const result = streamText({
        apiKey,
        baseURL: `${baseURL}/`,
        model,
        maxSteps,
        messages: [{ role: 'user', content: question }],
        tools: [await tools],
        onEvent: (event) => {
          if (event.type === 'text-delta' || event.type === 'reasoning-delta')
            onDelta?.(event.text);
        },
      });
      for await (const _ of result.fullStream); // it goes on as it is read
      const steps = await result.steps;
      return steps.at(-1)?.text ?? '';
    };
  },
};

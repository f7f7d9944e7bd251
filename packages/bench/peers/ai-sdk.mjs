import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { about, apiKey, model, question } from './task.mjs';

/** @type {import('../src/contender.ts').Contender} */
export const contender = {
  prepare({ baseURL, maxSteps, look, onDelta }) {
    const provider = createOpenAICompatible({ name: 'bench', baseURL, apiKey });
    const tools = {
      [about.name]: tool({
        description: about.description,
        inputSchema: z.object({ at: z.string().describe(about.at) }),
        execute: ({ at }) => look(at),
      }),
    };
    return async () => {
      const result = streamText({
        model: provider(model),
        prompt: question,
        tools,
        stopWhen: isStepCount(maxSteps),
        onError: ({ error }) => {
          throw error;
        },
      });
      if (onDelta === undefined) await result.consumeStream();
      else {
        for await (const part of result.stream) {
          if (part.type === 'text-delta' || part.type === 'reasoning-delta') onDelta(part.text);
        }
      }
      return result.text;
    };
  },
};

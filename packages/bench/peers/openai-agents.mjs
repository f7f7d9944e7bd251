import { Agent, OpenAIChatCompletionsModel, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { about, apiKey, model, question } from './task.mjs';

// Of `reasoning_content` it keeps nothing (it knows a field `reasoning` only), so no request brings any back.
/** @type {import('../src/contender.ts').Contender} */
export const contender = {
  prepare({ baseURL, maxSteps, look, onDelta }) {
    const client = new OpenAI({ baseURL, apiKey });
    const agent = new Agent({
      name: 'bench',
      model: new OpenAIChatCompletionsModel(client, model),
      tools: [
        tool({
          name: about.name,
          description: about.description,
          parameters: z.object({ at: z.string().describe(about.at) }),
          execute: ({ at }) => look(at),
        }),
      ],
    });
    const runner = new Runner({ tracingDisabled: true });
    return async () => {
      const result = await runner.run(agent, question, { stream: true, maxTurns: maxSteps });
      for await (const event of result) {
        if (event.type !== 'raw_model_stream_event') continue;
        const { data } = event;
        if (data.type === 'output_text_delta') onDelta?.(data.delta);
        else if (data.type === 'model') {
          // The chunk as it came is the only place where the reasoning is seen.
          const thought = data.event.choices[0]?.delta.reasoning_content;
          if (thought) onDelta?.(thought);
        }
      }
      await result.completed;
      return result.finalOutput ?? '';
    };
  },
};

import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';
import { about, apiKey, model, question } from './task.mjs';

// It hands `reasoning_content` out but never sends it back, so no request brings any.
/** @type {import('../src/contender.ts').Contender} */
export const contender = {
  prepare({ baseURL, maxSteps, look, onDelta }) {
    const agent = createAgent({
      model: new ChatOpenAI({ model, apiKey, configuration: { baseURL } }),
      tools: [
        tool(({ at }) => look(at), {
          name: about.name,
          description: about.description,
          schema: z.object({ at: z.string().describe(about.at) }),
        }),
      ],
    });
    const input = { messages: [{ role: 'user', content: question }] };
    const options = { recursionLimit: 2 * maxSteps, streamMode: 'messages' };
    return async () => {
      // `invoke` counts the tokens of a streamed answer itself, for which it fetches a table from another host.
      let text = '';
      for await (const [chunk] of await agent.stream(input, options)) {
        if (chunk.getType() !== 'ai') continue;
        text += chunk.content;
        const delta = chunk.content || chunk.additional_kwargs.reasoning_content;
        if (delta) onDelta?.(delta);
      }
      return text;
    };
  },
};

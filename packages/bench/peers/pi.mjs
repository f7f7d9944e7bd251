import { Agent } from '@earendil-works/pi-agent-core';
import { Type } from '@earendil-works/pi-ai';
import { streamSimple } from '@earendil-works/pi-ai/api/openai-completions';
import { about, apiKey, model, question } from './task.mjs';

// The newest that can be installed: every 1.x needs a `pi-telemetry` or `pi-schema` that the registry does not have.
// It has no bound on steps, so `maxSteps` is not used.
/** @type {import('../src/contender.ts').Contender} */
export const contender = {
  prepare({ baseURL, look, onDelta }) {
    const kimi = {
      id: model,
      name: model,
      api: 'openai-completions',
      provider: 'bench',
      baseUrl: baseURL,
      reasoning: true,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 262_144,
      maxTokens: 32_768,
    };
    const tool = {
      name: about.name,
      label: about.name,
      description: about.description,
      parameters: Type.Object({ at: Type.String({ description: about.at }) }),
      execute: async (_id, { at }) => ({
        content: [{ type: 'text', text: await look(at) }],
        details: {},
      }),
    };
    return async () => {
      const agent = new Agent({
        initialState: { systemPrompt: '', model: kimi, tools: [tool], thinkingLevel: 'medium' },
        streamFn: streamSimple,
        getApiKey: () => apiKey,
      });
      if (onDelta !== undefined) {
        agent.subscribe((event) => {
          if (event.type !== 'message_update') return;
          const { type, delta } = event.assistantMessageEvent;
          if (type === 'text_delta' || type === 'thinking_delta') onDelta(delta);
        });
      }
      await agent.prompt(question);
      const last = agent.state.messages.at(-1);
      if (last?.role !== 'assistant') throw new Error(agent.state.errorMessage ?? 'no answer');
      if (last.errorMessage !== undefined) throw new Error(last.errorMessage);
      return last.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
    };
  },
};

import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import {
  cachedShare,
  calledTool,
  callOrder,
  cost,
  evaluate,
  noDoubts,
  reasoningKept,
  steps,
} from '@throughline/evals';
import { startSimulator } from '@throughline/simulator';
import { afterAll } from 'vitest';

const simulator = await startSimulator({
  script: ({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === 'tool')
      return { reasoning: 'I see.\n', text: `It is: ${String(last.content)}` };
    const city = /Oslo|Lima/.exec(String(last?.content))?.[0] ?? 'Paris';
    return { reasoning: 'Which city? ', calls: [{ name: 'get_weather', arguments: { city } }] };
  },
});
afterAll(() => simulator.close());

const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city.',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  effect: 'read',
  execute: (input) => `sunny in ${(input as { city: string }).city}`,
});
const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
const agent = new Agent({ model, tools: [getWeather] });

evaluate('weather', {
  data: [
    { input: 'How is it in Oslo?', expected: 'Oslo' },
    { input: 'How is it in Lima?', expected: 'Lima' },
  ],
  task: async (input: string, { watch, signal }) =>
    (await watch(agent.stream(input, { signal }))).text,
  scorers: [
    function namesCity({ output, expected }) {
      return output.includes(expected) ? 1 : 0;
    },
    calledTool('get_weather', { times: 1 }),
    callOrder('get_weather'),
    noDoubts(),
    steps({ most: 2 }),
    cost({ mostUsd: 0.01 }),
    reasoningKept(),
    cachedShare(),
  ],
  trials: 3,
  threshold: { namesCity: 1, reasoningKept: 1, noDoubts: 1 },
});

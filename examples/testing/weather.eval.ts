import { anyfast } from '@throughline/anyfast';
import { calledTool, evaluate, reasoningKept, steps } from '@throughline/evals';
import { cassette } from '@throughline/testing';
import { weatherAgent } from './weather-agent.ts';

// #region eval
const fetch = cassette(`${import.meta.dirname}/recorded/weather-eval.jsonl`);
const apiKey = process.env['ANYFAST_API_KEY'] ?? 'none-to-replay';
const agent = weatherAgent(anyfast('kimi-k2.6', { fetch, apiKey }));

evaluate('weather', {
  data: [
    { input: 'How is the weather in Oslo?', expected: 'Oslo' },
    { input: 'Is it warm in Lima?', expected: 'Lima' },
  ],
  task: async (input, { watch, signal }) => (await watch(agent.stream(input, { signal }))).text,
  scorers: [
    function namesCity({ output, expected }) {
      return output.includes(expected) ? 1 : 0;
    },
    calledTool('get_weather', { times: 1 }),
    steps({ most: 2 }),
    reasoningKept(),
  ],
  trials: 2,
  threshold: 0.9,
});
// #endregion

import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import { calledTool, evaluate, reasoningKept, steps } from '@throughline/evals';
import { cassette } from '@throughline/testing';
import { ferries } from '../02-terminal-chat/ferries.ts';

const timetable = `${import.meta.dirname}/../02-terminal-chat/ferries.csv`;
const tape = process.env['FERRIES_TAPE'] ?? `${import.meta.dirname}/state/ferries.jsonl`;
const apiKey = process.env['ANYFAST_API_KEY'] ?? 'none-to-replay';

const agent = new Agent({
  model: anyfast('kimi-k2.6', { fetch: cassette(tape), apiKey }),
  instructions: 'Tell people about the ferries. Look into the timetable; be brief.',
  tools: [ferries(timetable)],
});

evaluate('ferries', {
  data: [
    { input: 'When is a ferry from Harbour to Island after 9:00?', expected: '09:15' },
    { input: 'When is a ferry from Island to Harbour after 12:00?', expected: '16:00' },
    { input: 'When is a ferry from Island to Lighthouse?', expected: '10:15' },
    { input: 'When is a ferry from Harbour to Island after 19:00?', expected: 'no ferry' },
  ],
  task: async (input, { watch, signal }) => (await watch(agent.stream(input, { signal }))).text,
  scorers: [
    function saysIt({ output, expected }) {
      return output.toLowerCase().includes(expected) ? 1 : 0;
    },
    calledTool('find_ferries', { times: 1 }),
    steps({ most: 2 }),
    reasoningKept(),
  ],
  trials: 2,
  threshold: 0.9,
});

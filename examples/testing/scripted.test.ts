import { scriptedModel } from '@throughline/testing';
import { expect, it } from 'vitest';
import { weatherAgent } from './weather-agent.ts';

// #region scripted
it('tells the model what the tool said', async () => {
  const model = scriptedModel([
    { reasoning: 'I look.', calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] },
    { text: 'It is sunny.' },
  ]);
  const { text } = await weatherAgent(model).run('How is Oslo?');
  expect(text).toBe('It is sunny.');
  expect(model.requests[1]?.messages.at(-1)?.content).toBe('Sunny in Oslo, 21 °C.');
});
// #endregion

import { anyfast } from '@throughline/anyfast';
import { startSimulator } from '@throughline/simulator';
import { expect, it } from 'vitest';
import { weatherAgent } from './weather-agent.ts';

// #region faults
it('runs the tool once, though the answer breaks off in its arguments', async () => {
  const simulator = await startSimulator({
    script: [
      { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] },
      { text: 'It is sunny.' },
    ],
    faults: ['cut-in-arguments'],
  });
  const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
  const { text, calls } = await weatherAgent(model).run('How is Oslo?');
  expect(text).toBe('It is sunny.');
  expect(calls.map(({ name, outcome }) => [name, outcome])).toEqual([['get_weather', 'ok']]);
  expect(simulator.requests).toHaveLength(3); // one was cut
  await simulator.close();
});
// #endregion

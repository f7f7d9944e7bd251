import { anyfast } from '@throughline/anyfast';
import { cassette } from '@throughline/testing';
import { expect, it } from 'vitest';
import { weatherAgent } from './weather-agent.ts';

// #region cassette
it('answers as it was recorded', async () => {
  const tape = cassette(`${import.meta.dirname}/recorded/weather.jsonl`);
  const apiKey = process.env['ANYFAST_API_KEY'] ?? 'none-to-replay';
  const model = anyfast('kimi-k2.6', { fetch: tape, apiKey });
  const { text } = await weatherAgent(model).run('How is the weather in Oslo?');
  expect(text).toContain('21 °C');
  tape.assertAllUsed();
});
// #endregion

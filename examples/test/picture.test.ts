import { join } from 'node:path';
import { anyfast, mediaPart } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { expect, it, onTestFinished, vi } from 'vitest';
import { examples } from './run.ts';

it('asks about a picture, and which models the key may use', async () => {
  const simulator = await startSimulator({ script: [{ text: '247.50 EUR' }] });
  vi.stubEnv('ANYFAST_BASE_URL', simulator.url);
  vi.stubEnv('ANYFAST_API_KEY', simulator.key);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await simulator.close();
  });
  const file = join(examples, '11-vision/rain.png');

  // #region use
  const agent = new Agent({ model: anyfast('kimi-k2.6') }); // ANYFAST_API_KEY, ANYFAST_BASE_URL
  const picture = await mediaPart(file);
  const question = { type: 'text', text: 'What is due?' } as const;
  const { text } = await agent.run([{ role: 'user', content: [picture, question] }]);
  const models = await anyfast.models(); // those that the key may use
  // #endregion

  expect(text).toBe('247.50 EUR');
  expect(models.map(({ id }) => id)).toContain('kimi-k2.6');
  const [asked] = simulator.requests;
  expect(asked?.bodyText).toContain('"url":"data:image/png;base64,');
});

import { Agent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { expect, it, onTestFinished } from 'vitest';
import { watchedModel } from '../wire.ts';

it('tells what was sent to the endpoint and what came back, without the key', async () => {
  const simulator = await startSimulator({ script: [{ text: 'Hello.' }], key: 'a-key-of-mine' });
  onTestFinished(() => simulator.close());
  const told: string[] = [];
  const reach = { baseURL: simulator.url, apiKey: simulator.key };
  await new Agent({ model: watchedModel((line) => told.push(line), reach) }).run('Hi.');
  expect(told).toHaveLength(2);
  const [sent = '', came = ''] = told;
  expect(sent).toContain(`sent to ${simulator.url}/chat/completions, attempt 1: {`);
  expect(sent).toContain('{"role":"user","content":"Hi."}');
  expect(came).toMatch(/^200 in \d+ ms: data: \{[\s\S]*data: \[DONE\]\n\n$/);
  expect(told.join()).not.toContain('a-key-of-mine');
});

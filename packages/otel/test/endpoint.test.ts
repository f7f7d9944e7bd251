import { Agent, tool } from '@throughline/core';
import { anyfast } from '@throughline/anyfast';
import { otel } from '@throughline/otel';
import { startSimulator } from '@throughline/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { registerSdk, spanOf, treeOf } from './support/telemetry.ts';

const sdk = registerSdk();
afterAll(() => sdk.shutdown());

describe('over HTTP', () => {
  it('a span has the id and the model that the endpoint told', async () => {
    const simulator = await startSimulator({
      script: [
        { reasoning: 'I look.', calls: [{ name: 'look', arguments: {} }] },
        { text: 'Seen.' },
      ],
    });
    try {
      const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
      const inputSchema = { type: 'object', properties: {} };
      const look = tool({ name: 'look', description: 'Looks.', inputSchema, execute: () => 'it' });
      const baseURL = simulator.url;
      // #region use
      const agent = otel(new Agent({ name: 'clerk', model, tools: [look] }), { baseURL });
      await agent.run('Look.');
      // #endregion
    } finally {
      await simulator.close();
    }
    const spans = sdk.takeSpans();
    const [root] = treeOf(spans) as [Record<string, string[]>];
    const inside = root['invoke_agent clerk']?.toSorted();
    expect(inside).toEqual(['chat kimi-k2.6', 'chat kimi-k2.6', 'execute_tool look']);
    expect(spanOf(spans, 'chat kimi-k2.6').attributes).toMatchObject({
      'gen_ai.response.id': expect.stringMatching(/./),
      'gen_ai.response.model': 'kimi-k2.6',
      'server.address': '127.0.0.1',
      'server.port': expect.any(Number),
      'gen_ai.usage.reasoning.output_tokens': expect.any(Number),
    });
  });
});

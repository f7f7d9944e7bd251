import { metrics } from '@opentelemetry/api';
import { Agent, ModelError, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import { otel } from '@throughline/otel';
import type { OtelOptions } from '@throughline/otel';
import { scriptedModel } from '@throughline/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { registerSdk } from './support/telemetry.ts';

let sdk: ReturnType<typeof registerSdk> | undefined;
afterEach(() => sdk?.shutdown());

const usage = { inputTokens: 100, cachedTokens: 60, outputTokens: 20, reasoningTokens: 5 };
const look = tool({
  name: 'look',
  description: 'Looks.',
  inputSchema: { type: 'object', properties: {} },
  effect: 'read',
  execute: () => 'seen',
});

function agentWith(options: OtelOptions = {}) {
  const model = scriptedModel([
    { calls: [{ name: 'look', arguments: {} }], usage },
    { text: 'ok', usage },
  ]);
  return otel(new Agent({ name: 'clerk', model, tools: [look] }), options);
}

describe('the metrics of a run', () => {
  it('have the current names and are counted even where the SDK is registered after the agent was made', async () => {
    const agent = agentWith();
    sdk = registerSdk();
    await agent.run('go');
    const points = await sdk.points();
    const sums = points.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ value }) => (typeof value === 'number' ? value : value.count)),
    ]);
    expect(Object.fromEntries(sums)).toEqual({
      'gen_ai.client.inference.duration': [2],
      'gen_ai.client.inference.time_to_first_chunk': [2],
      'gen_ai.client.inference.usage.input_tokens': [200],
      'gen_ai.client.inference.usage.output_tokens': [40],
      'gen_ai.client.inference.usage.cache_read.input_tokens': [120],
      'gen_ai.client.inference.usage.reasoning.output_tokens': [10],
      'gen_ai.client.inference.operation.input_tokens': [2],
      'gen_ai.client.inference.operation.output_tokens': [2],
      'gen_ai.execute_tool.duration': [1],
      'gen_ai.invoke_agent.duration': [1],
      'gen_ai.invoke_agent.inference_calls': [1],
      'gen_ai.invoke_agent.tool_calls': [1],
    });
    const duration = points.find(({ descriptor }) =>
      descriptor.name.endsWith('inference.duration'),
    );
    expect(duration?.descriptor.unit).toBe('s');
    expect(duration?.dataPoints[0]?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'moonshot_ai',
      'gen_ai.request.model': 'scripted',
    });
    const value = duration?.dataPoints[0]?.value as
      | { buckets: { boundaries: number[] } }
      | undefined;
    expect(value?.buckets.boundaries.at(0)).toBe(0.01);
    expect(value?.buckets.boundaries.at(-1)).toBe(81.92);
  });

  it('tell the time between chunks where it is asked for: one figure for each chunk after the first', async () => {
    sdk = registerSdk();
    const model: Model = {
      id: 'in chunks',
      async *stream() {
        yield [{ type: 'reasoning', delta: 'So' }];
        yield [
          { type: 'reasoning', delta: ' be it.' },
          { type: 'text', delta: 'Well' },
        ];
        yield [{ type: 'text', delta: ' then' }];
        yield [
          { type: 'text', delta: '.' },
          { type: 'finish', reason: 'stop' },
        ];
      },
    };
    const whole = { parameters: { stream: false } };
    await otel(new Agent({ model }), { chunkTimes: true }).run('go');
    await otel(new Agent({ model, ...whole }), { chunkTimes: true }).run('go');
    const points = await sdk.points();
    const named = (name: string) => points.find(({ descriptor }) => descriptor.name.endsWith(name));
    const told = named('gen_ai.client.inference.time_per_output_chunk');
    const [point, ...others] = told?.dataPoints ?? [];
    expect(others).toEqual([]);
    expect(told?.descriptor.unit).toBe('s');
    expect(point?.value).toMatchObject({
      count: 3,
      buckets: { boundaries: Array.from({ length: 14 }, (_, at) => 0.01 * 2 ** at) },
    });
    expect(point?.attributes).not.toHaveProperty('error.type');
    // An answer that comes whole has no chunks.
    expect(named('time_to_first_chunk')?.dataPoints[0]?.value).toMatchObject({ count: 1 });
    expect(() => otel(new Agent({ model }), { chunkTimes: 1 as unknown as true })).toThrow(
      /chunkTimes/,
    );
  });

  it('have the names of v1.41 where an older dashboard reads them', async () => {
    sdk = registerSdk();
    await agentWith({ metrics: 'v1.41' }).run('go');
    const points = await sdk.points();
    const used = points.find(({ descriptor }) => descriptor.name === 'gen_ai.client.token.usage');
    const byType = used?.dataPoints.map(({ attributes, value }) => [
      attributes['gen_ai.token.type'],
      (value as { sum: number }).sum,
    ]);
    expect(byType).toEqual([
      ['input', 200],
      ['output', 40],
    ]);
    const names = points.map(({ descriptor }) => descriptor.name);
    expect(names).toContain('gen_ai.client.operation.duration');
    expect(names.filter((name) => name.includes('inference.'))).toEqual([]);
  });

  it('name what failed, and count no tokens that nobody counted', async () => {
    sdk = registerSdk();
    const fails = scriptedModel([{ error: new ModelError('quota', 'Used up.') }]);
    await expect(otel(new Agent({ model: fails })).run('go')).rejects.toThrow('Used up.');
    await otel(new Agent({ model: scriptedModel([{ text: 'uncounted' }]) })).run('go');
    const points = await sdk.points();
    const duration = points.find(({ descriptor }) =>
      descriptor.name.endsWith('inference.duration'),
    );
    const errors = duration?.dataPoints.map(({ attributes }) => attributes['error.type']);
    expect(errors).toEqual(['quota', undefined]);
    const names = points.map(({ descriptor }) => descriptor.name);
    expect(names.filter((name) => name.includes('token'))).toEqual([]);
  });

  it('cost nothing that fails where no SDK is registered', async () => {
    metrics.disable();
    expect((await agentWith().run('go')).text).toBe('ok');
  });
});

describe('otel()', () => {
  it.each([
    [{ contents: true }, 'otel() has no option "contents"'],
    [{ content: 'yes' }, 'content is'],
    [{ baseURL: 'anyfast' }, 'baseURL is'],
    [{ metrics: 'old' }, 'metrics is "old"'],
    [{ provider: '' }, 'provider is'],
    [{ conversation: 'x' }, 'conversation is'],
  ])('refuses %j', (options, words) => {
    expect(() => agentWith(options as OtelOptions)).toThrow(words);
  });
});

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import * as z3 from 'zod3';
import { Agent as CoreAgent, inputOf, limit, textOf, tool } from '../../src/index.ts';
import type { SchemaSource } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { fakeModel } from '../support/model.ts';
import { anyTool, eventsOf } from '../support/tools.ts';

const look = anyTool('look', 'read', ({ at }) => (at === 'x' ? { found: 1 } : 'nothing'));

describe('a result', () => {
  it('has the last reasoning, and every call with what came of it', async () => {
    const model = fakeModel(
      {
        reasoning: 'First.',
        calls: [
          ['look', { at: 'x' }],
          ['lok', {}],
        ],
      },
      { calls: [['look', '{"at":']] },
      { reasoning: 'So.', text: 'Done.' },
    );
    const result = await new Agent({ model, tools: [look] }).run('go');
    expect(result.reasoning).toBe('So.');
    expect(result.calls).toMatchObject([
      {
        step: 1,
        call: 1,
        name: 'look',
        arguments: '{"at":"x"}',
        outcome: 'ok',
        content: '{"found":1}',
      },
      { step: 1, call: 2, name: 'lok', outcome: 'doubtful' },
      { step: 2, call: 1, name: 'look', arguments: '{}', outcome: 'doubtful' },
    ]);
    expect(result.calls.map(inputOf)).toEqual([{ at: 'x' }, {}, {}]);
  });

  it('has no reasoning and no calls where there were none', async () => {
    const { reasoning, calls } = await new Agent({ model: fakeModel({ text: 'Hi.' }) }).run('go');
    expect([reasoning, calls]).toEqual(['', []]);
  });

  it('does not count the calls of an agent inside as its own', async () => {
    const inner = new Agent({
      model: fakeModel({ calls: [['look', {}]] }, { text: 'ok' }),
      tools: [look],
    });
    const model = fakeModel({ calls: [['helper', { task: 'x' }]] }, { text: 'Done.' });
    const tools = [inner.asTool({ name: 'helper', description: 'Helps.' })];
    const { calls } = await new Agent({ model, tools }).run('go');
    expect(calls.map(({ name }) => name)).toEqual(['helper']);
  });
});

describe('the text of a run', () => {
  it('comes piece by piece', async () => {
    const parts = ['It ', 'is ', '7.'].map((delta) => ({ type: 'text' as const, delta }));
    const model = fakeModel({ parts: [...parts, { type: 'finish', reason: 'stop' }] });
    let text = '';
    for await (const piece of new Agent({ model }).stream('go').textStream) text += piece;
    expect(text).toBe('It is 7.');
  });

  it('throws the failure, and stops the run where it is left', async () => {
    const failing = new Agent({ model: fakeModel({ parts: [new Error('broken')] }) }).stream('go');
    const all = async () => {
      for await (const piece of failing.textStream) void piece;
    };
    await expect(all()).rejects.toThrow('broken');
    const parts = [{ type: 'text' as const, delta: 'a' }, new Promise<never>(() => {})];
    const left = new Agent({ model: fakeModel({ parts }) }).stream('go');
    for await (const piece of left.textStream) {
      expect(piece).toBe('a');
      break;
    }
    await expect(left.result).rejects.toThrow('left before its end');
  });
});

describe('the text of a message', () => {
  it.each([
    ['x', 'x'],
    [undefined, ''],
    [
      [
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'data:' } },
        { type: 'text', text: 'b' },
      ],
      'a\nb',
    ],
  ] as const)('of %j is %j', (content, text) => {
    expect(textOf(content)).toBe(text);
  });
});

describe('an output that is no object', () => {
  const named = z.object({ name: z.string() });
  it.each<[string, SchemaSource, unknown, unknown]>([
    ['a list', z.array(z.string()), ['a', 'b'], [1]],
    ['a text', z.string().min(2), 'ab', 'a'],
    ['a number', z.number(), 7, 'x'],
    ['a choice', z.enum(['yes', 'no']), 'yes', 'maybe'],
    ['null or a text', z.string().nullable(), null, 7],
    ['a union of objects', z.union([named, z.object({ n: z.number() })]), { n: 1 }, { m: 1 }],
    ['a list of zod/mini', mini.array(mini.string()), ['a'], [1]],
    ['a list of zod 3', z3.array(z3.string()), ['a'], [1]],
    [
      'a list of a JSON Schema',
      { type: 'array', items: { $ref: '#/$defs/a' }, $defs: { a: { type: 'string' } } },
      ['a'],
      [1],
    ],
  ])('is typed and checked all the same: %s', async (_name, output, fits, misfits) => {
    const model = fakeModel(
      { calls: [['final_answer', { value: misfits }]] },
      { calls: [['final_answer', { value: fits }]] },
    );
    const agent = new Agent({ model, output: output as z.ZodType });
    const result = await agent.run('go');
    expect(result.output).toEqual(fits);
    expect(result.messages[2]?.content).toMatch(/- value/);
    const [spec] = model.requests[0]?.tools ?? [];
    expect(spec?.parameters).toMatchObject({ type: 'object', required: ['value'] });
    const inText = fakeModel({ text: JSON.stringify(fits) });
    const read = new Agent({ model: inText, output: output as z.ZodType });
    expect((await read.run('go')).output).toEqual(result.output);
  });

  it('is told as it grows without its wrapper', async () => {
    const model = fakeModel({ calls: [['final_answer', { value: ['a', 'b'] }]] });
    const run = new Agent({ model, output: z.array(z.string()) }).stream('go');
    const partial = (await eventsOf(run)).filter(({ type }) => type === 'output.partial');
    expect(partial.at(-1)).toMatchObject({ output: ['a', 'b'] });
  });

  it('is not there where a limit came first', async () => {
    const model = fakeModel({ calls: [['look', {}]] }, { text: 'as far as I got' });
    const agent = new Agent({ model, tools: [look], output: z.number(), limits: [limit.steps(1)] });
    const result = await agent.run('go');
    expect(result).toMatchObject({ stopReason: 'limit', output: undefined });
  });
});

describe('a tool that runs an agent', () => {
  const helperOf = (inner: Agent) =>
    tool({
      name: 'helper',
      description: 'Helps.',
      inputSchema: z.object({ task: z.string() }),
      execute: async ({ task }, scope) => (await scope.run(inner, task)).text,
    });

  it('has it told, counted and stopped as a part of the run', async () => {
    const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 };
    const inner = new Agent({ model: fakeModel({ text: 'inner', usage }) });
    const model = fakeModel({ calls: [['helper', { task: 'x' }]], usage }, { text: 'ok', usage });
    const run = new Agent({ model, tools: [helperOf(inner)] }).stream('go');
    const told = (await eventsOf(run)).filter(({ type }) => type === 'call.event');
    expect(told.length).toBeGreaterThan(0);
    const { usage: all, messages } = await run.result;
    expect(all.inputTokens).toBe(30);
    expect(messages[2]?.content).toBe('inner');
  });

  it('waits for a person with the whole run', async () => {
    const wipe = anyTool('wipe', 'destructive', () => 'wiped');
    const inner = new Agent({ model: fakeModel({ calls: [['wipe', {}]] }), tools: [wipe] });
    const model = fakeModel({ calls: [['helper', { task: 'x' }]] });
    // Not replayed: the call was cleared by an earlier process then, which the replay does not play.
    const result = await new CoreAgent({ model, tools: [helperOf(inner)] }).run('go');
    expect(result).toMatchObject({ stopReason: 'suspended', pending: [{ name: 'wipe' }] });
  });
});

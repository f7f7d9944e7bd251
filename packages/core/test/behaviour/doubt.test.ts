import { createHook } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Agent as CoreAgent, limit, tool } from '../../src/index.ts';
import type { BrokenCall, Repair, Tool } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { callPart, fakeModel, finished } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { anyTool, eventsOf, resultsOf } from '../support/tools.ts';

function orderTool(seen: unknown[]): Tool<unknown> {
  return tool({
    name: 'order',
    description: 'Orders.',
    inputSchema: z.object({
      items: z.array(z.object({ name: z.string(), count: z.number().int().positive() })),
    }),
    execute: (input) => void seen.push(input),
  });
}

async function readBy(name: string, text: string): Promise<{ words: unknown; ran: unknown[] }> {
  const ran: unknown[] = [];
  const model = fakeModel({ calls: [[name, text]] }, { text: 'ok' });
  const { messages } = await new Agent({ model, tools: [orderTool(ran)] }).run('go');
  expectPaired(messages);
  return { words: resultsOf(messages)[0], ran };
}

describe('a doubtful call never runs, and the model reads what to change', () => {
  it('by the paths of the schema’s issues', async () => {
    const { words, ran } = await readBy('order', '{"items":[{"name":"a","count":0},{"count":1}]}');
    expect(words).toMatch(/do not fit the schema of "order"/);
    expect(words).toMatch(/^- items\[0\]\.count: /m);
    expect(words).toMatch(/^- items\[1\]\.name: /m);
    expect(ran).toEqual([]);
  });

  it('by the names that exist, and the nearest', async () => {
    const { words, ran } = await readBy('ordr', '{}');
    expect(words).toBe(
      'This call did not run: no tool is called "ordr". Did you mean "order"? The tools are: order.',
    );
    expect(ran).toEqual([]);
  });

  it.each([
    ['{"items":[', 'truncated'],
    ['{"items":[]', 'truncated at the very end'],
    ['{items:[]}', 'no JSON'],
    ['[]', 'an array'],
    ['7', 'a number'],
    ['{"items":[]}{"items":[]}', 'two objects'],
  ])('by what is wrong with %s (%s), which is stored as {}', async (text) => {
    const ran: unknown[] = [];
    const model = fakeModel({ calls: [['order', text]] }, { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [orderTool(ran)] }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/^This call did not run: the arguments are /);
    expect(messages[1]).toMatchObject({ tool_calls: [{ function: { arguments: '{}' } }] });
    expect(ran).toEqual([]);
  });

  it('by saying so when there are no tools at all', async () => {
    const model = fakeModel({ calls: [['x', {}]] }, { text: 'ok' });
    const { messages } = await new Agent({ model }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/there are no tools, so none is called "x"/);
  });

  it('in bounded words, however long the name it made up', async () => {
    const { words } = await readBy('x'.repeat(1_000_000), '{}');
    expect(String(words).length).toBeLessThan(400);
  });

  it('when the answer was cut by the content filter, even if all looks well', async () => {
    const ran: unknown[] = [];
    const read = anyTool('read', 'read', () => void ran.push('read'));
    const model = fakeModel(
      {
        calls: [
          ['read', {}],
          ['read', { b: 1 }],
          ['order', { items: [] }],
        ],
        finish: 'content_filter',
      },
      { text: 'ok' },
    );
    const { messages } = await new Agent({ model, tools: [orderTool(ran), read] }).run('go');
    expect(resultsOf(messages)).toEqual([1, 2, 3].map(() => expect.stringMatching(/was cut by/)));
    expect(ran).not.toContainEqual({ items: [] });
  });

  it('when another call’s JSON is broken, that one only', async () => {
    const ran: unknown[] = [];
    const model = fakeModel(
      {
        calls: [
          ['order', '{'],
          ['order', '{"items":[]}'],
        ],
      },
      { text: 'ok' },
    );
    const { messages } = await new Agent({ model, tools: [orderTool(ran)] }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/not valid JSON/);
    expect(ran).toEqual([{ items: [] }]);
  });

  it('and a call whose arguments are {} never shares the fate of one that was stored so', async () => {
    let count = 0;
    const read = anyTool('read', 'read', () => ++count);
    const broken = {
      calls: [
        ['read', '{'],
        ['read', '{}'],
        ['read', '{"'],
      ],
    } as const;
    const model = fakeModel(broken, { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [read] }).run('go');
    const bad = expect.stringMatching(/not valid JSON/);
    expect(resultsOf(messages)).toEqual([bad, '1', bad]);
  });

  it('when its arguments are nested deeper than can be walked', async () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    let ran = 0;
    const tools = [anyTool('read', 'read', () => `read ${++ran}`)];
    const model = fakeModel(
      {
        calls: [
          ['read', deep],
          ['read', deep],
        ],
      },
      { text: 'ok' },
    );
    const result = await new Agent({ model, tools, limits: [limit.repeats()] }).run('go');
    expect(result.stopReason).toBe('answer');
    expect(resultsOf(result.messages)).toHaveLength(2);
  });

  it('when its schema’s own code fails', async () => {
    const broken = tool({
      name: 'broken',
      description: 'Checks with code that fails.',
      inputSchema: z.object({
        id: z.string().refine(() => {
          throw new Error('no database');
        }),
      }),
      execute: () => 'ran',
    });
    const model = fakeModel({ calls: [['broken', { id: 'x' }]] }, { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [broken] }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/could not be checked \(no database\)/);
  });

  it.each(['read', 'write', 'destructive'] as const)(
    'when a %s tool was not offered in its step, or calls were ruled out',
    async (effect) => {
      const ran: string[] = [];
      const hidden = anyTool('hidden', effect, () => void ran.push('hidden'));
      const open = anyTool('open', 'read', () => 'opened');
      const both = {
        calls: [
          ['hidden', {}],
          ['open', {}],
        ],
      } as const;
      const agent = new Agent({
        model: fakeModel(both, both, { text: 'ok' }),
        tools: [hidden, open],
        approve: () => true,
        prepareStep: ({ step }) => (step === 1 ? { tools: ['open'] } : { toolChoice: 'none' }),
      });
      const { messages } = await agent.run('go');
      const hint = (name: string) =>
        `This call did not run: "${name}" is not to be called in this step.`;
      expect(resultsOf(messages)).toEqual([hint('hidden'), 'opened', hint('hidden'), hint('open')]);
      expect(ran).toEqual([]);
    },
  );

  it('when the run is at its limit, not even an early read', async () => {
    let ran = 0;
    const read = anyTool('read', 'read', () => ++ran);
    const calls = [
      ['read', { n: 1 }],
      ['read', { n: 2 }],
    ] as const;
    const limits = [limit.steps(1)];
    await new Agent({ model: fakeModel({ calls }, { calls }), tools: [read], limits }).run('go');
    expect(ran).toBe(2);
  });
});

describe('what has one meaning is mended, and said', () => {
  it.each([
    ['', '{}', /no arguments were written/],
    ['null', '{}', /no arguments were written/],
    [JSON.stringify('{"say":"a"}'), '{"say":"a"}', /encoded twice/],
    ['{"say":"a\nb"}', '{"say":"a\\nb"}', /control characters/],
  ])('%j', async (text, stored, why) => {
    const inputs: unknown[] = [];
    const tools = [anyTool('say', 'write', (input) => void inputs.push(input))];
    const model = fakeModel({ calls: [['say', text]] }, { text: 'ok' });
    const run = new Agent({ model, tools }).stream('go');
    const events = await eventsOf(run);
    expect(inputs).toEqual([JSON.parse(stored)]);
    expect(run.messages[1]).toMatchObject({ tool_calls: [{ function: { arguments: stored } }] });
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { step: 1, message: expect.stringMatching(why) },
    ]);
  });

  it('in ids that are missing or used twice, so that each result finds its call', async () => {
    const [a, b] = [callPart(0, 'say', {}), callPart(1, 'say', { b: 1 })];
    const { id: _, ...without } = callPart(2, 'say', { c: 1 });
    const parts = [a, { ...b, id: 'say:0' }, without, finished];
    const model = fakeModel({ parts }, { text: 'ok' });
    const tools = [anyTool('say', 'write', (input) => Object.keys(input).join())];
    const { messages } = await new Agent({ model, tools }).run('go');
    expectPaired(messages);
    expect(new Set(messages.flatMap((m) => (m.role === 'tool' ? [m.tool_call_id] : []))).size).toBe(
      3,
    );
  });
});

describe('repairCall', () => {
  async function repairing(text: string, repair: (call: BrokenCall) => Repair | undefined) {
    const ran: unknown[] = [];
    const asked: BrokenCall[] = [];
    const agent = new Agent({
      model: fakeModel({ calls: [['order', text]] }, { text: 'ok' }),
      tools: [orderTool(ran)],
      repairCall: (call) => {
        asked.push(call);
        return repair(call);
      },
    });
    const run = agent.stream('go');
    const events = await eventsOf(run);
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    const starts = events.filter((event) => event.type === 'call.start');
    return { ran, asked, warnings, starts, words: resultsOf(run.messages)[0] };
  }

  it('gets the text as the model wrote it, and what it gives is checked, run and reported', async () => {
    const { ran, asked, warnings, starts } = await repairing("{'items':[]}", () => ({
      arguments: { items: [] },
    }));
    const reason = expect.stringMatching(/not valid JSON/);
    const given = { name: 'order', arguments: "{'items':[]}", reason, tools: ['order'] };
    expect(asked).toEqual([given]);
    expect(ran).toEqual([{ items: [] }]);
    expect(warnings).toEqual(['Call 1: the call of order was repaired to order({"items":[]}).']);
    expect(starts).toMatchObject([{ arguments: '{"items":[]}' }]);
  });

  it('is asked once: what still does not fit is told to the model', async () => {
    const { ran, asked, words } = await repairing('{', () => ({ arguments: { items: 7 } }));
    expect(asked).toHaveLength(1);
    expect(words).toMatch(/^- items: /m);
    expect(ran).toEqual([]);
  });

  it('runs nothing when it returns nothing, or only a name for arguments that cannot be read', async () => {
    expect((await repairing('{', () => undefined)).ran).toEqual([]);
    const named = await repairing('{', () => ({ name: 'order' }));
    expect(named.ran).toEqual([]);
    expect(named.words).toMatch(/not valid JSON/);
  });

  it('that throws harms nothing', async () => {
    const { ran, words } = await repairing('{', () => {
      throw new Error('repair shop closed');
    });
    expect(ran).toEqual([]);
    expect(words).toMatch(/could not be checked \(repair shop closed\)/);
  });

  it('is not asked about a call that may be cut short, be its arguments whole or not', async () => {
    const ran: unknown[] = [];
    let asked = 0;
    const parts = (text: string) => [
      callPart(0, 'order', text),
      { ...finished, unsure: true } as const,
    ];
    for (const text of ['{"items":[', '{"items":[]}']) {
      const unsure = { parts: parts(text) };
      const agent = new Agent({
        model: fakeModel(unsure, unsure, unsure, { text: 'ok' }),
        tools: [orderTool(ran)],
        repairCall: () => {
          asked++;
          return { arguments: { items: [] } };
        },
      });
      expect(resultsOf((await agent.run('go')).messages)[0]).toMatch(/did not say that/);
    }
    expect([asked, ran]).toEqual([0, []]);
  });

  it('may correct an unknown name, and the call then runs by its tool’s own rules', async () => {
    const ran: string[] = [];
    const wipe = anyTool('wipe', 'destructive', () => void ran.push('wipe'));
    const agent = new Agent({
      model: fakeModel({ calls: [['wype', { disk: 1 }]] }),
      tools: [wipe],
      repairCall: () => ({ name: 'wipe' }),
    });
    const { pending } = await agent.run('go');
    expect(pending).toMatchObject([{ name: 'wipe', arguments: '{"disk":1}' }]);
    expect(ran).toEqual([]);
  });

  it('is not asked about a call that was cut, ruled out or is beyond a limit', async () => {
    let asked = 0;
    const agent = new Agent({
      model: fakeModel(
        { calls: [['order', '{"items":[']], finish: 'length' },
        { calls: [['order', { items: [] }]] },
        { calls: [['order', { items: [] }]] },
      ),
      tools: [orderTool([])],
      limits: [limit.steps(2)],
      prepareStep: ({ step }) => (step === 2 ? { toolChoice: 'none' } : undefined),
      repairCall: () => {
        asked++;
        return { arguments: { items: [] } };
      },
    });
    const { messages } = await agent.run('go');
    expect(asked).toBe(0);
    expect(resultsOf(messages)).toHaveLength(3);
  });

  it('does not give the structured answer in the model’s place', async () => {
    let asked = 0;
    const agent = new Agent({
      model: fakeModel(
        { calls: [['final_answer', '{']] },
        { calls: [['final_anser', {}]] },
        { calls: [['final_answer', { n: 1 }]] },
      ),
      output: z.object({ n: z.number() }),
      repairCall: ({ name }) => {
        asked++;
        return name === 'final_anser'
          ? { name: 'final_answer', arguments: { n: 7 } }
          : { arguments: { n: 8 } };
      },
    });
    expect((await agent.run('go')).output).toEqual({ n: 1 });
    expect(asked).toBe(1);
  });
});

describe('a call that stood in the text of an answer', () => {
  const leakedPart = (name: string, input: unknown) =>
    ({ ...callPart(0, name, input), leaked: true }) as const;

  it.each(['write', 'destructive'] as const)('does not run a %s', async (effect) => {
    const ran: unknown[] = [];
    const tools = [anyTool('act', effect, () => void ran.push('act'))];
    const model = fakeModel({ parts: [leakedPart('act', {}), finished] }, { text: 'ok' });
    const { messages } = await new Agent({ model, tools, approve: () => true }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/make it again as a proper call of "act"/);
    expect(ran).toEqual([]);
  });

  it('runs a read', async () => {
    const ran: unknown[] = [];
    const tools = [anyTool('look', 'read', () => void ran.push('look'))];
    const model = fakeModel({ parts: [leakedPart('look', {}), finished] }, { text: 'ok' });
    await new Agent({ model, tools }).run('go');
    expect(ran).toEqual(['look']);
  });

  it('does not run a write that it is repaired to', async () => {
    const ran: unknown[] = [];
    const tools = [anyTool('act', 'write', () => void ran.push('act'))];
    const model = fakeModel({ parts: [leakedPart('acts', {}), finished] }, { text: 'ok' });
    const agent = new Agent({ model, tools, repairCall: () => ({ name: 'act' }) });
    const { messages } = await agent.run('go');
    expect(resultsOf(messages)[0]).toMatch(/proper call of "act"/);
    expect(ran).toEqual([]);
  });
});

describe('calls of one answer without end', () => {
  const many = (count: number) => ({
    calls: Array.from({ length: count }, (_, at) => ['act', { at }] as const),
  });

  it('are asked for again, then end the run with a typed error; none runs', async () => {
    const ran: unknown[] = [];
    const tools = [anyTool('act', 'write', () => void ran.push('act'))];
    const model = fakeModel(many(4), many(4), many(4));
    const run = new Agent({ model, tools, maxCallsPerAnswer: 3 }).run('go');
    await expect(run).rejects.toMatchObject({ code: 'answer_too_large' });
    expect(model.requests).toHaveLength(3);
    expect(ran).toEqual([]);
  });

  it('below the bound cost the same each, however many', async () => {
    const promisesFor = async (count: number): Promise<number> => {
      let promises = 0;
      const hook = createHook({ init: (_id, type) => void (type === 'PROMISE' && promises++) });
      const tools = [anyTool('act', 'write', () => undefined)];
      const model = fakeModel(many(count), { text: 'ok' });
      const agent = new CoreAgent({ model, tools, maxCallsPerAnswer: 5_000 });
      hook.enable();
      await agent.run('go').finally(() => hook.disable());
      return promises;
    };
    const [some, more] = [await promisesFor(100), await promisesFor(800)];
    expect(more / some).toBeLessThan(10);
  });

  it('are bounded by a whole number', () => {
    const model = fakeModel();
    expect(() => new CoreAgent({ model, maxCallsPerAnswer: 0 })).toThrow(/maxCallsPerAnswer is 0/);
  });
});

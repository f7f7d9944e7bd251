import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { prefix, tool } from '../../src/index.ts';
import type { Model, Tool, Toolkit } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { fakeModel } from '../support/model.ts';
import type { FakeModel } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { anyTool, resultsOf } from '../support/tools.ts';

const named = (...names: string[]) => names.map((name) => anyTool(name, 'read', () => name));
const offered = (model: FakeModel) =>
  model.requests.map(({ tools }) => tools.map(({ name }) => name));

describe('tools', () => {
  it('come one by one, in toolkits and in lists of lists', async () => {
    const model = fakeModel({ text: 'ok' });
    const [a, b, c, d] = named('a', 'b', 'c', 'd') as [Tool<unknown>, ...Tool<unknown>[]];
    const tools = [a, { name: 'kit', tools: [b!, [c!] as never] }, [[d!]]];
    await new Agent({ model, tools }).run('go');
    expect(offered(model)).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('and the model can be read from the agent, as they are at that moment', () => {
    const model = fakeModel();
    const kit = { name: 'kit', tools: named('one') };
    const agent = new Agent({ model, tools: [kit] });
    expect(agent.tools.map(({ name }) => name)).toEqual(['one']);
    kit.tools = named('one', 'two');
    expect(agent.tools.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(agent.model.id).toBe(model.id);
  });

  it('of one name are refused, wherever they come from', () => {
    const kit = { name: 'kit', tools: named('add') };
    expect(() => new Agent({ model: fakeModel(), tools: [...named('add'), kit] })).toThrow(
      'Two tools are called "add". Rename one, or plug a toolkit in with prefix(\'…\', toolkit).',
    );
  });

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['a plain object', { name: 'x' }],
    [
      'a definition that was not given to tool()',
      { name: 'x', description: 'X.', inputSchema: z.object({}), execute: () => 1 },
    ],
  ])('that are none are refused: %s', (_name, plug) => {
    expect(() => new Agent({ model: fakeModel(), tools: [plug as never] })).toThrow(
      /neither a tool made by tool\(\) nor a toolkit/,
    );
  });

  it('are described once for all runs of an agent, as long as they stay the same', async () => {
    const model = fakeModel({ text: 'ok' }, { text: 'ok' }, { text: 'ok' });
    const lists: unknown[] = [];
    const watched: Model = {
      id: model.id,
      stream: (request, signal) => {
        lists.push(request.tools);
        return model.stream(request, signal);
      },
    };
    const kit = { name: 'kit', tools: named('one') };
    const agent = new Agent({ model: watched, tools: [kit] });
    await agent.run('go');
    await agent.run('go');
    kit.tools = named('one', 'two');
    await agent.run('go');
    expect(lists[1]).toBe(lists[0]);
    expect(offered(model)).toEqual([['one'], ['one'], ['one', 'two']]);
  });

  it('are told to the model once, in JSON Schema', async () => {
    const add = tool({
      name: 'add',
      description: 'Adds.',
      inputSchema: z.object({ a: z.number().describe('The first.'), b: z.number().default(1) }),
      execute: ({ a, b }) => a + b,
    });
    const model = fakeModel({ text: 'ok' });
    await new Agent({ model, tools: [add] }).run('go');
    expect(model.requests[0]?.tools).toMatchObject([
      {
        name: 'add',
        description: 'Adds.',
        parameters: {
          properties: { a: { description: 'The first.' }, b: { default: 1 } },
          required: ['a'],
        },
      },
    ]);
  });
});

describe('a toolkit', () => {
  it('adds its instructions to the agent’s', async () => {
    const model = fakeModel({ text: 'ok' });
    const kit = { name: 'kit', tools: [], instructions: 'Use the kit.' };
    const silent = { name: 'silent', tools: [] };
    await new Agent({ model, instructions: 'Be brief.', tools: [silent, [kit]] }).run('go');
    expect(model.requests[0]?.messages[0]).toEqual({
      role: 'system',
      content: 'Be brief.\n\nUse the kit.',
    });
  });

  it('is disposed of with the agent, every one of them, even if one fails', async () => {
    const disposed: string[] = [];
    const kit = (name: string, fail = false): Toolkit => ({
      name,
      tools: [],
      dispose: async () => {
        disposed.push(name);
        if (fail) throw new Error(`${name} is stuck`);
      },
    });
    const tools = [kit('a', true), [kit('b')], prefix('p', kit('c'))];
    await expect(new Agent({ model: fakeModel(), tools }).dispose()).rejects.toThrow('a is stuck');
    expect(disposed).toEqual(['a', 'b', 'c']);
    await new Agent({ model: fakeModel(), tools: [{ name: 'plain', tools: [] }] }).dispose();
  });

  it('can be told from another by a prefix, and its tools work under their new names', async () => {
    const [one, two] = [
      { name: 'crm', tools: named('find') },
      { name: 'shop', tools: named('find') },
    ];
    const model = fakeModel({ calls: [['shop_find', {}]] }, { text: 'ok' });
    const tools = [prefix('crm', one), prefix('shop', two)];
    const { messages } = await new Agent({ model, tools }).run('go');
    expect(offered(model)[0]).toEqual(['crm_find', 'shop_find']);
    expect(resultsOf(messages)).toEqual(['find']);
  });

  it.each(['', 'with space', 'ü'])('cannot have the prefix %j', (text) => {
    expect(() => prefix(text, { name: 'kit', tools: [] })).toThrow(/A tool cannot have the name/);
  });

  it('cannot have a prefix that makes a name too long', () => {
    const kit = prefix('a'.repeat(100), { name: 'kit', tools: named('b'.repeat(100)) });
    expect(() => new Agent({ model: fakeModel(), tools: [kit] })).toThrow(
      /A tool cannot have the name/,
    );
  });
});

describe('a toolkit that changes while a run goes on', () => {
  function changing(...steps: (readonly Tool<unknown>[])[]) {
    let tools = steps[0] ?? [];
    const kit: Toolkit<unknown> = {
      name: 'kit',
      get tools() {
        return tools;
      },
    };
    const next = anyTool('next', 'write', () => {
      steps.shift();
      tools = steps[0] ?? [];
      return 'changed';
    });
    return [kit, next] as const;
  }
  const again = { calls: [['next', {}] as const] };

  it('keeps the places of those that stay, and adds new ones at the end', async () => {
    const [a, b, c, d] = named('a', 'b', 'c', 'd') as [
      Tool<unknown>,
      Tool<unknown>,
      Tool<unknown>,
      Tool<unknown>,
    ];
    const model = fakeModel(again, again, again, { text: 'ok' });
    await new Agent({ model, tools: [...changing([a, b], [d, c, b, a], [c, a], [a, b, c])] }).run(
      'go',
    );
    expect(offered(model)).toEqual([
      ['a', 'b', 'next'],
      ['a', 'b', 'next', 'd', 'c'],
      ['a', 'next', 'c'],
      ['a', 'next', 'c', 'b'],
    ]);
  });

  it('sends the very same list while nothing changes', async () => {
    const lists: unknown[] = [];
    const inner = fakeModel(again, again, { text: 'ok' });
    const model = {
      id: 'same',
      stream: (...args: Parameters<typeof inner.stream>) => (
        lists.push(args[0].tools),
        inner.stream(...args)
      ),
    };
    const tools = named('a');
    await new Agent({ model, tools: [...changing(tools, tools, tools)] }).run('go');
    expect(lists[1]).toBe(lists[0]);
    expect(lists[2]).toBe(lists[0]);
  });

  it('has no call of a tool that it took away', async () => {
    let ran = 0;
    const gone = anyTool('gone', 'write', () => ++ran);
    const model = fakeModel(again, { calls: [['gone', {}]] }, { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [...changing([gone], [])] }).run('go');
    expect(resultsOf(messages)[1]).toBe(
      'This call did not run: no tool is called "gone". The tools are: next.',
    );
    expect(ran).toBe(0);
  });

  it.each<[string, () => readonly Tool<unknown>[], RegExp]>([
    ['comes to have two tools of one name', () => named('a', 'a'), /Two tools are called "a"/],
    [
      'fails to say what it has',
      () => {
        throw new Error('server gone');
      },
      /server gone/,
    ],
  ])(
    'and %s ends the run with that error, the conversation still valid',
    async (_how, second, words) => {
      let first = true;
      const kit: Toolkit<unknown> = {
        name: 'kit',
        get tools() {
          return first ? [] : second();
        },
      };
      const next = anyTool('next', 'write', () => void (first = false));
      const run = new Agent({ model: fakeModel(again), tools: [kit, next] }).stream('go');
      await expect(run.result).rejects.toThrow(words);
      expectPaired(run.messages);
      expect(run.messages).toHaveLength(3);
    },
  );
});

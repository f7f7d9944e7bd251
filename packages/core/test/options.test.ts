import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  Agent,
  compact,
  limit,
  ModelError,
  ThroughlineError,
  tool,
  ToolError,
} from '../src/index.ts';
import { fakeModel } from './support/model.ts';

const refuse = () => 'no';
const model = fakeModel({ text: 'Done.' });
const agent = new Agent({ model });
const watched = () => new Agent({ model: fakeModel({ text: 'Done.' }) }).stream('hi');
const definition = {
  name: 'send',
  description: 'Sends.',
  inputSchema: { type: 'object', properties: {} },
  execute: () => 'sent',
};

const refuseToTell = () => {
  throw new Error('no');
};

// What the compiler does not see: options that come through a spread, or from JavaScript.
const loose = (given: unknown) => given as never;

describe('an option that does not exist is refused, for a misspelt guard guards nothing', () => {
  it.each<[where: string, make: () => unknown]>([
    ['tool(): "aprove"', () => tool(loose({ ...definition, aprove: refuse }))],
    ['new Agent(): "aprove"', () => new Agent(loose({ model, aprove: refuse }))],
    ['agent.stream(): "aprove"', () => agent.stream('hi', loose({ aprove: refuse }))],
    [
      'agent.resume(): "aprove"',
      () => agent.resume(loose({ version: 1, log: [] }), loose({ aprove: refuse })),
    ],
    [
      'agent.asTool(): "limit"',
      () => agent.asTool(loose({ name: 'a', description: 'A.', limit: [] })),
    ],
    [
      'agent.asHandover(): "limits"',
      () => agent.asHandover(loose({ name: 'a', description: 'A.', limits: [] })),
    ],
    ['limit.steps(): "max"', () => limit.steps(3, loose({ max: 4 }))],
    ['limit.calls(): "tool"', () => limit.calls(3, loose({ tool: 'search' }))],
    ['limit.repeats(): "count"', () => limit.repeats(loose({ count: 3 }))],
    ['limit.cost(): "eur"', () => limit.cost(loose({ eur: 3 }))],
    ['compact.summarise(): "kep"', () => compact.summarise(loose({ kep: 1 }))],
  ])('%s', (where, make) => {
    const [place, name] = where.split(': ');
    expect(make).toThrow(ThroughlineError);
    expect(make).toThrow(`${place} has no option ${name}. It has `);
  });

  it('in the promise of run, too', async () => {
    await expect(agent.run('hi', loose({ aprove: refuse }))).rejects.toMatchObject({
      code: 'invalid_option',
    });
  });
});

it.each<[words: string, make: () => unknown]>([
  ['The limit "steps" has the atLimit "end"', () => limit.steps(3, loose({ atLimit: 'end' }))],
  [
    'new Agent(): approve is "ask", but it must be a function',
    () => new Agent(loose({ model, approve: 'ask' })),
  ],
  [
    'Tool "send": approve is "ask", but it must be a function',
    () => tool(loose({ ...definition, approve: 'ask' })),
  ],
  [
    'agent.stream(): approve is true, but it must be a function',
    () => agent.stream('hi', loose({ approve: true })),
  ],
  [
    'new Agent(): tools is an object, but it must be a list: [ … ].',
    () => new Agent(loose({ model, tools: tool(definition) })),
  ],
  [
    'new Agent(): limits is an object, but it must be a list of limits',
    () => new Agent(loose({ model, limits: limit.steps(3) })),
  ],
  [
    'agent.asTool(): limits is [3], but it must be a list of limits',
    () => agent.asTool(loose({ name: 'a', description: 'A.', limits: [3] })),
  ],
  [
    'agent.stream(): limits is an object, but it must be a list of limits',
    () => agent.stream('hi', loose({ limits: limit.steps(3) })),
  ],
  ['new Agent(): instructions is 7', () => new Agent(loose({ model, instructions: 7 }))],
  [
    'new Agent(): compaction is a function',
    () => new Agent(loose({ model, compaction: compact.summarise() })),
  ],
  ['new Agent() takes its options as an object, not a string', () => new Agent(loose('kimi'))],
  [
    'agent.stream() takes its options as an object, not a string',
    () => agent.stream('hi', loose('fast')),
  ],
  ['new Agent(): parameters is "s"', () => new Agent(loose({ model, parameters: 's' }))],
  [
    'agent.stream(): unfinished is "s", but it must be "refuse" or "leave"',
    () => agent.stream('hi', loose({ unfinished: 's' })),
  ],
  [
    'agent.stream(): recorder is an object, but it must be a recorder, which has a step method',
    () => agent.stream('hi', loose({ recorder: {} })),
  ],
  [
    'agent.stream(): nested is an object, but it must be scope.nested',
    () => agent.stream('hi', loose({ nested: {} })),
  ],
  ['compact: keep is "s", but it must be', () => compact.dropToolResults(loose({ keep: 's' }))],
  ['There is no event "text"', () => agent.on(loose('text'), refuse)],
  ['There is no event "text"', () => watched().on(loose('text'), refuse)],
  ['The listener for "answer" is undefined', () => agent.on('answer', loose(undefined))],
])('says of a value what is wrong with it: %s', (words, make) => {
  expect(make).toThrow(ThroughlineError);
  expect(make).toThrow(words);
});

it('says so of a value that cannot be looked at', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const trap = Object.create(null) as object;
  const values: readonly unknown[] = [circular, trap, 10n, Symbol('s'), { toJSON: refuseToTell }];
  for (const value of values) {
    const tries = [
      () => new Agent(loose({ model, limits: [value] })),
      () => new Agent(loose({ model: value })),
      () => new Agent(loose({ model, maxParallelCalls: value })),
      () => new Agent(loose({ model, tools: [value] })),
      () => tool(loose({ ...definition, name: value })),
      () => tool(loose({ ...definition, effect: value })),
      () => tool(loose({ ...definition, timeoutMs: value })),
      () => agent.stream(loose(value)),
    ];
    for (const attempt of tries) expect(attempt).toThrow(ThroughlineError);
  }
});

it.each<[words: string, inputSchema: unknown]>([
  ['is a bare shape. Wrap it: z.object({ … })', { at: z.string(), many: z.number() }],
  ['must be an object at its root, not "a schema that says nothing"', {}],
])('says of a schema that is nearly one: %s', (words, inputSchema) => {
  expect(() => tool(loose({ ...definition, inputSchema }))).toThrow(words);
});

it.each<[words: string, at: unknown]>([
  ['at properties.at there is no type "strin"', { type: 'strin' }],
  ['at properties.at there is no type ["string","any"]', { type: ['string', 'any'] }],
  ['at properties.at there is no type []', { type: [] }],
  ['at properties.at there is no type null', { type: null }],
  ['at properties.at there is null, which is not a schema', null],
  ['at properties.at enum is "x", but it must be a list', { enum: 'x' }],
  ['at properties.at anyOf is null, but it must be a list', { anyOf: null }],
  ['at properties.at.items there is 1, which is not a schema', { type: 'array', items: [1] }],
  ['at properties.at properties is 1, but it must be an object', { type: 'object', properties: 1 }],
  ['at properties.at.not there is no type "no"', { not: { type: 'no' } }],
])('refuses a JSON Schema that no value could be checked against: %s', (words, at) => {
  const inputSchema = { type: 'object', properties: { at } };
  const make = () => tool(loose({ ...definition, inputSchema }));
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_schema' }) as Error);
  expect(make).toThrow(words);
});

it('does not take for a schema what only stands in one', async () => {
  const properties = {
    a: { type: 'object', example: { type: 'dog' }, default: { type: 'cat' } },
    b: { type: 'string', 'x-ui': { type: 'slider' } },
    type: { type: 'string', enum: ['dog'], discriminator: { mapping: { type: 'dog' } } },
  };
  const ran: unknown[] = [];
  const inputSchema = { type: 'object', properties, required: ['type'] };
  const send = tool({ ...definition, inputSchema, execute: (input) => void ran.push(input) });
  const asks = fakeModel({ calls: [['send', { type: 'dog' }]] }, { text: 'Done.' });
  await new Agent({ model: asks, tools: [send] }).run('Go.');
  expect(ran).toEqual([{ type: 'dog' }]);
});

it('tells the host what a tool threw, and the model only its words', async () => {
  const bug = tool({
    ...definition,
    execute: () => (undefined as unknown as { shop: string }).shop,
  });
  const asks = fakeModel({ calls: [['send', {}]] }, { text: 'Done.' });
  const errors: unknown[] = [];
  const agent = new Agent({ model: asks, tools: [bug] });
  agent.on('call.error', (event) => errors.push(event));
  const { messages } = await agent.run('Go.');
  expect(errors).toMatchObject([
    {
      step: 1,
      call: 1,
      name: 'send',
      error: { name: 'TypeError', message: expect.stringContaining('shop') as string },
    },
  ]);
  expect(errors).toMatchObject([
    { error: { stack: expect.stringContaining('options.test.ts') as string } },
  ]);
  expect(JSON.stringify(messages)).not.toContain('options.test.ts');
});

it('does not lose what stands inside a result without a word', async () => {
  const inside = tool({
    ...definition,
    execute: () => ({ found: { at: Promise.resolve(3) }, none: {} }),
  });
  const asks = fakeModel({ calls: [['send', {}]] }, { text: 'Done.' });
  const { messages } = await new Agent({ model: asks, tools: [inside] }).run('Go.');
  expect(messages[2]).toMatchObject({
    content: 'The tool "send" ran, but its result cannot be shown: a Promise ("at") is not JSON.',
  });
});

it('has names for its errors where Node prints them', () => {
  expect(inspect(new ThroughlineError('invalid_input', 'x'))).toMatch(/^ThroughlineError: x/);
  expect(inspect(new ModelError('server', 'x'))).toMatch(/^ModelError: x/);
  expect(inspect(new ToolError('x'))).toMatch(/^ToolError: x/);
});

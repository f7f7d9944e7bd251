import { describe, expect, test } from 'vitest';
import { ask, body, call, lintNames, start, streamed, tool } from '../support.ts';

const user = { role: 'user', content: 'weather in Paris?' };
const first = {
  reasoning: 'Let me ask.',
  text: 'One moment.',
  calls: [{ name: 'get_weather', arguments: { city: 'Paris' } }],
};
const issued = {
  role: 'assistant',
  content: 'One moment.',
  reasoning_content: 'Let me ask.',
  tool_calls: [call('get_weather:0')],
};
const result = { role: 'tool', tool_call_id: 'get_weather:0', content: 'Sunny' };
const tools = [tool('get_weather'), tool('get_time')];

async function secondLints(changes: Record<string, unknown>): Promise<readonly string[]> {
  const simulator = await start({ script: [first, { text: 'Sunny.' }] });
  await ask(simulator, streamed({ messages: [user], tools }));
  const messages = [user, issued, result];
  const reply = await ask(simulator, streamed({ messages, tools, ...changes }));
  expect(reply.status).toBe(200);
  return lintNames(simulator.requests[1]);
}

describe('a second request', () => {
  test('that sends back what it got has no lint', async () => {
    expect(await secondLints({})).toEqual([]);
  });

  const wrongs: readonly [about: string, changes: Record<string, unknown>, lint: string][] = [
    [
      'another reasoning',
      { messages: [user, { ...issued, reasoning_content: 'Let me ask. ' }, result] },
      'history-altered',
    ],
    [
      'a placeholder instead of the reasoning',
      { messages: [user, { ...issued, reasoning_content: ' ' }, result] },
      'reasoning-lost',
    ],
    [
      'another text',
      { messages: [user, { ...issued, content: undefined }, result] },
      'history-altered',
    ],
    [
      'other bytes of arguments',
      {
        messages: [
          user,
          { ...issued, tool_calls: [call('get_weather:0', 'get_weather', '{"city": "Paris"}')] },
          result,
        ],
      },
      'history-altered',
    ],
    [
      'another id',
      {
        messages: [
          user,
          { ...issued, tool_calls: [call('call_1')] },
          { ...result, tool_call_id: 'call_1' },
        ],
      },
      'ids-changed',
    ],
    [
      'another beginning',
      { messages: [{ role: 'system', content: 'New.' }, user, issued, result] },
      'prefix-unstable',
    ],
    ['the tools in another order', { tools: tools.toReversed() }, 'tools-reordered'],
    ['another tool', { tools: [...tools, tool('more')] }, 'tools-changed'],
    ['no tools', { tools: undefined }, 'tools-dropped'],
  ];
  test.each(wrongs)('with %s is told of', async (_, changes, lint) => {
    expect(await secondLints(changes)).toContain(lint);
  });
});

test('a lint of the history is told once, though every later request repeats it', async () => {
  const simulator = await start({ script: [first, { text: 'Sunny.' }, { text: 'Yes.' }] });
  await ask(simulator, streamed({ messages: [user] }));
  const altered = { ...issued, reasoning_content: 'Other.' };
  const messages: object[] = [user, altered, result];
  await ask(simulator, streamed({ messages }));
  messages.push({ role: 'assistant', content: 'Sunny.', reasoning_content: ' ' }, user);
  await ask(simulator, streamed({ messages }));
  expect(simulator.requests.map(lintNames)).toEqual([[], ['history-altered'], []]);
});

test('answers that a fault changed are not held against the client', async () => {
  const simulator = await start({
    script: [first, { text: 'Sunny.' }],
    faults: ['arguments-truncated', 'ids-missing'],
  });
  await ask(simulator, streamed({ messages: [user] }));
  const repaired = {
    ...issued,
    tool_calls: [call('functions.get_weather:0', 'get_weather', '{}')],
  };
  const messages = [user, repaired, { ...result, tool_call_id: 'functions.get_weather:0' }];
  await ask(simulator, streamed({ messages }));
  expect(simulator.lints).toEqual([]);
});

test('ids in the form of a fault are to be sent back as they came', async () => {
  const simulator = await start({ script: [first, { text: 'Sunny.' }], faults: ['ids-uuid'] });
  await ask(simulator, streamed({ messages: [user] }));
  await ask(simulator, streamed({ messages: [user, issued, result] }));
  expect(lintNames(simulator.requests[1])).toEqual(['ids-changed']);
});

const alone: readonly [about: string, changes: Record<string, unknown>, lint: string][] = [
  ['a field for other models', { seed: 1 }, 'foreign-field'],
  ['parallel_tool_calls', { parallel_tool_calls: true }, 'foreign-field'],
  ['an unknown field', { chat_template_kwargs: {} }, 'unknown-field'],
  ['a deprecated field', { max_tokens: 5 }, 'deprecated-field'],
  ['a field with one value', { temperature: 1 }, 'fixed-field'],
  ['a stream without usage', { stream: true, stream_options: undefined }, 'include-usage-missing'],
  ['no thinking', { thinking: undefined }, 'thinking-unsaid'],
  ['an empty list of tools', { tools: [] }, 'empty-tools'],
  [
    'calls and no tools',
    { tools: undefined, messages: [user, issued, result] },
    'calls-without-tools',
  ],
  ['a hyphen in a name', { tools: [tool('get-weather')] }, 'hyphen-in-name'],
  ['$schema', { tools: [tool('get_weather', { $schema: 'x', type: 'object' })] }, 'schema-keyword'],
  [
    'an empty content beside calls',
    { messages: [user, { ...issued, content: '' }, result] },
    'empty-content',
  ],
  ['one result twice', { messages: [user, issued, result, result] }, 'result-duplicated'],
  [
    'one id twice',
    {
      messages: [
        user,
        { ...issued, tool_calls: [call('a:0'), call('a:0')] },
        { ...result, tool_call_id: 'a:0' },
      ],
    },
    'ids-duplicated',
  ],
  [
    'results out of order',
    {
      messages: [
        user,
        { ...issued, tool_calls: [call('a:0'), call('b:1')] },
        { ...result, tool_call_id: 'b:1' },
        { ...result, tool_call_id: 'a:0' },
      ],
    },
    'results-out-of-order',
  ],
  [
    'a schema beyond the documented limits',
    {
      tools: [
        tool('get_weather', {
          type: 'object',
          properties: Object.fromEntries(
            Array.from({ length: 101 }, (_, n) => [`p${n}`, { type: 'string' }]),
          ),
        }),
      ],
    },
    'schema-large',
  ],
];

test.each(alone)('%s is taken, and told of', async (_, changes, lint) => {
  const simulator = await start({ script: [{ text: 'Yes.' }] });
  expect((await ask(simulator, body(changes))).status).toBe(200);
  expect(lintNames(simulator.requests[0])).toContain(lint);
  expect(simulator.lints[0]).toMatchObject({ request: 0, message: expect.stringMatching(/\.$/) });
});

test('a call without tools leaks into the text, as it does at hosts', async () => {
  const simulator = await start({ script: [first] });
  const reply = await ask(simulator, body({ tools: undefined, messages: [user, issued, result] }));
  expect(reply.text).toContain('<|tool_call_begin|>functions.get_weather:1');
  expect(simulator.requests[0]?.faults).toEqual(['leak-without-tools']);
});

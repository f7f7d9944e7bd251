import type { Message, ModelRequest, ToolSpec } from '@throughline/core';
import { expect, test } from 'vitest';
import { Encoder } from '../../src/encode/encode.ts';
import type { Encoded } from '../../src/encode/encode.ts';
import type { EncodeSettings } from '../../src/options/settings.ts';
import { ask, modelAt, request, tools } from '../support/ask.ts';
import { frames, json, startEndpoint, stream } from '../support/endpoint.ts';

interface Body {
  readonly [key: string]: unknown;
  readonly messages: readonly unknown[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
}

const settings: EncodeSettings = {
  model: 'kimi-k2.6',
  stream: true,
  thinking: { type: 'enabled', keep: 'all' },
  fields: {},
  omit: [],
  reasoningKey: undefined,
};

async function sent(
  asked: Partial<ModelRequest>,
  more: Partial<EncodeSettings> = {},
): Promise<Body> {
  return parse((await encoded(new Encoder({ ...settings, ...more }), request(asked))).body);
}

async function encoded(encoder: Encoder, asked: ModelRequest): Promise<Encoded> {
  await encoder.prepare(asked);
  return encoder.encode(asked);
}

function parse(body: Uint8Array): Body {
  return JSON.parse(new TextDecoder().decode(body)) as Body;
}

const user: Message = { role: 'user', content: 'Hi' };
const call = (name: string, id = `${name}:0`) => ({
  id,
  type: 'function' as const,
  function: { name, arguments: '{ "a":1 }' },
});

test('sends by default only what every layer takes', async () => {
  expect(await sent({ tools: [] })).toEqual({
    model: 'kimi-k2.6',
    thinking: { type: 'enabled', keep: 'all' },
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'Weather in Paris?' }],
  });
});

test('sends every field of the endpoint’s page, and a step’s parameters over them', async () => {
  const endpoint = await startEndpoint(json({ choices: [{ message: { content: 'Yes.' } }] }));
  const model = modelAt(endpoint.baseURL, {
    stream: false,
    thinking: { type: 'disabled' },
    maxCompletionTokens: 9,
    temperature: 0.6,
    topP: 0.95,
    frequencyPenalty: -1,
    presencePenalty: 1,
    responseFormat: { type: 'json_object' },
    stop: ['END'],
    promptCacheKey: 'run-1',
    safetyIdentifier: 'hash',
    headers: { 'X-Extra': 'yes' },
  });
  await ask(
    model,
    request({ parameters: { max_completion_tokens: 4096, temperature: undefined, partial: 1 } }),
  );
  expect(JSON.parse(endpoint.seen[0]!.body)).toMatchObject({
    stream: false,
    thinking: { type: 'disabled' },
    max_completion_tokens: 4096,
    top_p: 0.95,
    frequency_penalty: -1,
    presence_penalty: 1,
    response_format: { type: 'json_object' },
    stop: ['END'],
    prompt_cache_key: 'run-1',
    safety_identifier: 'hash',
    partial: 1,
  });
  expect(endpoint.seen[0]!.body).not.toMatch(/temperature|stream_options/);
  expect(endpoint.seen[0]!.headers['x-extra']).toBe('yes');
});

test('sends reasoning and arguments byte for byte, under the key they stand under', async () => {
  const reasoning = `🧵 \r\n \u2028 \\ ${'x'.repeat(100_000)}`;
  const messages: Message[] = [
    user,
    { role: 'assistant', reasoning_content: reasoning, tool_calls: [call('read')] },
    { role: 'tool', tool_call_id: 'read:0', content: 'ok' },
    { role: 'assistant', content: 'Done.', reasoning: 'Hm.' },
  ];
  expect((await sent({ messages }))['messages']).toEqual(messages);
});

test('fills in a space where reasoning is missing, and leaves out what says nothing', async () => {
  const messages: Message[] = [
    user,
    { role: 'assistant', content: '', tool_calls: [call('read')] },
    { role: 'tool', tool_call_id: 'read:0', content: 'ok' },
    { role: 'assistant', content: '', reasoning_content: '' },
    { role: 'assistant', reasoning_content: 'A thought that used up the answer.' },
    { role: 'assistant', content: 'Done.', reasoning_content: '' },
    { role: 'assistant', content: 'More.', tool_calls: [] },
  ];
  const filled = [
    user,
    { role: 'assistant', reasoning_content: ' ', tool_calls: [call('read')] },
    messages[2],
    { role: 'assistant', content: 'Done.', reasoning_content: ' ' },
    { role: 'assistant', content: 'More.', reasoning_content: ' ' },
  ];
  expect((await sent({ messages }))['messages']).toEqual(filled);
  const withoutKeep = (await sent({ messages }, { thinking: { type: 'enabled' } }))['messages'];
  expect(withoutKeep[1]).toEqual(filled[1]);
  expect(withoutKeep[4]).toEqual({ role: 'assistant', content: 'More.' });
  expect(messages[1]).toHaveProperty('content', '');
});

test('serialises each message and each list of tools once in its life', async () => {
  const counts = { messages: 0, tools: 0 };
  const counted = <T extends object>(value: T, key: keyof typeof counts): T =>
    new Proxy(value, { ownKeys: (target) => (counts[key]++, Reflect.ownKeys(target)) });
  const messages: Message[] = [counted(user, 'messages')];
  const list: readonly ToolSpec[] = tools.map((tool) => ({
    ...tool,
    parameters: counted(tool.parameters, 'tools'),
  }));
  const encoder = new Encoder(settings);
  const first = await encoded(encoder, request({ messages, tools: list }));
  const inTools = counts.tools;
  for (let step = 0; step < 50; step++) {
    messages.push({ role: 'user', content: `${step}` });
    await encoded(encoder, request({ messages, tools: list }));
    await encoded(encoder, request({ messages, tools: [...list] }));
  }
  expect(counts).toEqual({ messages: 1, tools: inTools });
  expect(parse(first.body)['messages']).toHaveLength(1);
});

test('each request begins with the bytes of the one before', async () => {
  const encoder = new Encoder(settings);
  const messages: Message[] = [user];
  const text = async (): Promise<string> =>
    new TextDecoder().decode((await encoded(encoder, request({ messages }))).body);
  let before = await text();
  for (let step = 0; step < 5; step++) {
    messages.push({ role: 'assistant', content: `${step}`, reasoning_content: 'Hm.' });
    const now = await text();
    expect(now.startsWith(before.slice(0, -2))).toBe(true);
    before = now;
  }
});

test('a named choice switches thinking off for that request only', async () => {
  const choice = await sent({ toolChoice: { name: 'read' } });
  expect(choice['tool_choice']).toEqual({ type: 'function', function: { name: 'read' } });
  expect(choice['thinking']).toEqual({ type: 'disabled' });
  expect(await sent({ toolChoice: 'auto' })).not.toHaveProperty('tool_choice');
  expect(await sent({ toolChoice: 'none' })).toMatchObject({
    tool_choice: 'none',
    thinking: settings.thinking,
  });
  expect(await sent({ toolChoice: 'none', tools: [] })).not.toHaveProperty('tool_choice');
  await expect(sent({ toolChoice: { name: 'rm' } })).rejects.toThrow(
    'toolChoice names the tool "rm"',
  );
});

test('a step may switch thinking on or off', async () => {
  expect((await sent({ thinking: false }))['thinking']).toEqual({ type: 'disabled' });
  expect((await sent({ thinking: true }, { thinking: { type: 'disabled' } }))['thinking']).toEqual({
    type: 'enabled',
    keep: 'all',
  });
  expect(
    (await sent({ thinking: true }, { thinking: { type: 'enabled', keep: null } }))['thinking'],
  ).toEqual({ type: 'enabled', keep: null });
});

test('parameters cannot replace the messages or the tools', async () => {
  await expect(sent({ parameters: { messages: [] } })).rejects.toThrow(
    'request.parameters cannot carry "messages"',
  );
});

const spec = (name: string, parameters: object = { type: 'object' }): ToolSpec => ({
  name,
  description: '',
  parameters: { ...parameters },
});

test('names the endpoint refuses are mapped both ways, in tools, history, choice and answer', async () => {
  const names = [
    '21st-magic',
    '21st_magic',
    '_21st_magic',
    'ls',
    'get.weather',
    '天気',
    'x'.repeat(80),
    'y'.repeat(64),
  ];
  const { tools: list } = await sent({ tools: names.map((name) => spec(name)) });
  const wire = list.map((tool) => tool.function.name);
  expect(new Set(wire).size).toBe(names.length);
  for (const name of wire) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]{2,63}$/);
  expect(wire.at(-1)).toBe('y'.repeat(64));

  const delta = {
    tool_calls: [{ index: 0, id: 'a', function: { name: 'get_weather', arguments: '{}' } }],
  };
  const endpoint = await startEndpoint(
    stream(frames(delta, { finish_reason: 'tool_calls' }, '[DONE]')),
  );
  const messages: Message[] = [
    user,
    { role: 'assistant', tool_calls: [call('get.weather', 'z')] },
    { role: 'tool', tool_call_id: 'z', content: '' },
  ];
  const answer = await ask(
    modelAt(endpoint.baseURL),
    request({ messages, tools: [spec('get.weather')], toolChoice: { name: 'get.weather' } }),
  );
  expect(answer.calls).toEqual([{ id: 'a', name: 'get.weather', args: '{}' }]);
  const body = JSON.parse(endpoint.seen[0]!.body);
  expect(body.messages[1].tool_calls[0].function.name).toBe('get_weather');
  expect(body.tool_choice.function.name).toBe('get_weather');
});

test('a tool that cannot be sent is left out and said so, once', async () => {
  const many = Array.from({ length: 129 }, (_, at) => spec(`tool_${at}`));
  const list = [spec('broken', { type: 'string' }), spec('tool_0'), ...many];
  const endpoint = await startEndpoint(
    stream(frames({ content: 'Hi' }, { finish_reason: 'stop' }, '[DONE]')),
  );
  const model = modelAt(endpoint.baseURL);
  const { warnings } = await ask(model, request({ tools: list }));
  expect(warnings).toEqual([
    'The tool "broken" was left out: the root of its schema is not an object.',
    'A second tool called "tool_0" was left out.',
    'The tool "tool_128" was left out: the endpoint takes 128 tools and 131 were given.',
  ]);
  expect(JSON.parse(endpoint.seen[0]!.body).tools).toHaveLength(128);
  expect((await ask(model, request({ tools: list }))).warnings).toEqual([]);
});

test('what is sent is what the arrays held when stream was called', async () => {
  const endpoint = await startEndpoint(
    stream(frames({ content: 'Hi' }, { finish_reason: 'stop' }, '[DONE]')),
  );
  const messages: Message[] = [user];
  const answer = modelAt(endpoint.baseURL).stream(
    request({ messages }),
    new AbortController().signal,
  );
  messages.push({ role: 'user', content: 'later' });
  for await (const _ of answer);
  expect(JSON.parse(endpoint.seen[0]!.body).messages).toHaveLength(1);
});

test('a schema that throws where it is read costs its own tool, with a warning, and no run', async () => {
  const endpoint = await startEndpoint(
    stream(frames({ content: 'Yes.', finish_reason: 'stop' }, '[DONE]')),
  );
  const odd = {
    type: 'object',
    get properties(): never {
      throw new TypeError('mine');
    },
  };
  const big = { type: 'object', properties: { n: { const: 10n } } };
  const dynamic = { type: 'object', properties: { n: { $dynamicRef: '#n' } } };
  const bad = Object.entries({ odd, big, dynamic }).map(([name, parameters]) => ({
    name,
    description: name,
    parameters,
  }));
  const answer = await ask(modelAt(endpoint.baseURL), request({ tools: [...bad, ...tools] }));
  expect(answer.text).toBe('Yes.');
  expect(answer.warnings.map((one) => /^The tool "(\w+)" was left out: /.exec(one)?.[1])).toEqual([
    'odd',
    'big',
    'dynamic',
  ]);
  const sent = JSON.parse(endpoint.seen[0]?.body ?? '') as { readonly tools: readonly unknown[] };
  expect(sent.tools).toHaveLength(tools.length);
});

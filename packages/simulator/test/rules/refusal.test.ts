import { describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/index.ts';
import { ask, body, call, errorOf, start, streamed, tool } from '../support.ts';

const user = { role: 'user', content: 'hi' };
const asked = { role: 'assistant', reasoning_content: 'r', tool_calls: [call('get_weather:0')] };
const answered = { role: 'tool', tool_call_id: 'get_weather:0', content: 'Sunny' };
const png = 'data:image/png;base64,iVBORw0KGgo=';
const schema = (parameters: unknown): Record<string, unknown> => ({
  tools: [tool('get_weather', parameters)],
});
const off = { thinking: { type: 'disabled' } };

/** What the endpoint refuses with status 400, and the words it uses. */
const upstream: readonly [about: string, changes: Record<string, unknown>, words: string][] = [
  ['no messages', { messages: [] }, 'Invalid request: messages must not be empty'],
  [
    'a wrong temperature with thinking',
    { temperature: 0.6 },
    'invalid temperature: only 1 is allowed for this model',
  ],
  [
    'a wrong temperature without thinking',
    { ...off, temperature: 1 },
    'invalid temperature: only 0.6 is allowed for this model',
  ],
  ['a wrong top_p', { top_p: 0.5 }, 'invalid top_p: only 0.95 is allowed for this model'],
  ['a wrong n', { n: 2 }, 'invalid n: only 1 is allowed for this model'],
  [
    'a wrong presence_penalty',
    { presence_penalty: 1 },
    'invalid presence_penalty: only 0 is allowed for this model',
  ],
  [
    'a wrong frequency_penalty',
    { frequency_penalty: 1 },
    'invalid frequency_penalty: only 0 is allowed for this model',
  ],
  [
    'a budget of nothing',
    { max_completion_tokens: 0 },
    'max_completion_tokens must be an integer of at least 1',
  ],
  [
    'a budget of half a token',
    { max_completion_tokens: 1.5 },
    'max_completion_tokens must be an integer of at least 1',
  ],
  [
    'a budget beyond the context',
    { max_completion_tokens: 262_144 },
    'Invalid request: Your request exceeded model token limit: 262144 (requested: 262',
  ],
  [
    'an input beyond the context',
    { messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] },
    'Invalid request: Your request exceeded model token limit: 262144 (requested: 275',
  ],
  ['thinking without a type', { thinking: {} }, "thinking.type must be 'enabled' or 'disabled'"],
  ['thinking that is no object', { thinking: true }, 'thinking must be an object'],
  [
    'thinking that keeps some',
    { thinking: { type: 'enabled', keep: 'some' } },
    "thinking.keep must be null or 'all'",
  ],
  [
    'an unknown member of thinking',
    { thinking: { type: 'enabled', budget: 1 } },
    "thinking has an unknown field 'budget'",
  ],
  ['six stops', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'stop must have at most 5 entries'],
  [
    'a stop of 33 bytes',
    { stop: 'é'.repeat(16) + 'x' },
    'an entry of stop must have at most 32 bytes',
  ],
  ['a stop that is no text', { stop: [1] }, 'stop must be a string or strings'],
  [
    'stream_options without stream',
    { stream_options: { include_usage: true } },
    'stream_options is only allowed when stream is true',
  ],
  ['a stream that is no boolean', { stream: 'yes' }, 'stream must be a boolean'],
  [
    'an unknown role',
    { messages: [{ role: 'developer', content: 'x' }] },
    "has an unknown role 'developer'",
  ],
  [
    'an empty user message',
    { messages: [{ role: 'user', content: '' }] },
    "Invalid request: the message at position 0 with role 'user' must not be empty",
  ],
  [
    'an empty system message',
    { messages: [{ role: 'system', content: '' }, user] },
    "Invalid request: the message at position 0 with role 'system' must not be empty",
  ],
  [
    'an assistant message of empty reasoning',
    { messages: [user, { role: 'assistant', reasoning_content: '' }, user] },
    "Invalid request: the message at position 1 with role 'assistant' must not be empty",
  ],
  [
    'an empty part of text',
    { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    'text content is empty',
  ],
  [
    'an image from the web',
    {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.b/c.png' } }] },
      ],
    },
    'unsupported image url',
  ],
  [
    'an SVG',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: 'data:image/svg+xml;base64,AAAA' }],
        },
      ],
    },
    'unsupported image url',
  ],
  [
    'a message that is no object',
    { messages: ['hi'] },
    'the message at position 0 must be an object',
  ],
  [
    'partial in the middle',
    { messages: [{ role: 'assistant', content: 'a', partial: true }, user] },
    'partial is only allowed on the last assistant message',
  ],
  [
    'a call that nobody answered',
    { messages: [user, asked, user] },
    "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: get_weather:0",
  ],
  [
    'a call at the end',
    { messages: [user, asked] },
    'did not have response messages: get_weather:0',
  ],
  [
    'a result of an unknown call',
    { messages: [user, { ...answered, tool_call_id: 'x' }] },
    'Invalid request: tool_call_id  is not found',
  ],
  [
    'a result without an id',
    { messages: [user, asked, { role: 'tool', content: 'x' }] },
    'Invalid request: tool_call_id  is not found',
  ],
  [
    'broken arguments in the history',
    {
      messages: [
        user,
        { ...asked, tool_calls: [call('get_weather:0', 'get_weather', '{"a')] },
        answered,
      ],
    },
    'messages[1].tool_calls[0].function.arguments must be a JSON object in a string',
  ],
  [
    'an array as arguments',
    {
      messages: [
        user,
        { ...asked, tool_calls: [call('get_weather:0', 'get_weather', '[]')] },
        answered,
      ],
    },
    'must be a JSON object in a string',
  ],
  [
    'reasoning that is missing',
    { messages: [user, { ...asked, reasoning_content: undefined }, answered] },
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1',
  ],
  [
    'reasoning that is null',
    { messages: [user, { ...asked, reasoning_content: null }, answered] },
    'reasoning_content is missing in assistant tool call message at index 1',
  ],
  [
    'reasoning that is empty',
    { messages: [user, { ...asked, reasoning_content: '' }, answered] },
    'reasoning_content is missing in assistant tool call message at index 1',
  ],
  [
    'reasoning missing on a plain answer with keep',
    { messages: [user, { role: 'assistant', content: 'Yes.' }, user] },
    'preserved thinking (thinking.keep=all) requires reasoning_content on every assistant message, but assistant message at index 1 is missing reasoning_content',
  ],
  [
    '129 tools',
    { tools: Array.from({ length: 129 }, (_, n) => tool(`tool_${n}`)) },
    'tools must have at most 128 items',
  ],
  [
    'a name that begins with a digit',
    { tools: [tool('21st_magic')] },
    'function name 21st_magic is invalid',
  ],
  ['a name of two letters', { tools: [tool('ab')] }, 'function name ab is invalid'],
  [
    'two tools of one name',
    { tools: [tool('add'), tool('add')] },
    'function name add is duplicated',
  ],
  [
    'a tool that is no function',
    { tools: [{ type: 'retrieval', function: { name: 'abc' } }] },
    'the type of a tool must be function',
  ],
  [
    'web search with thinking',
    { tools: [{ type: 'builtin_function', function: { name: '$web_search' } }] },
    'builtin_function $web_search is incompatible with thinking enabled',
  ],
  [
    'a tool without parameters',
    schema(null),
    "not a valid moonshot flavored json schema, details: <At path 'root': schema must be a dict>",
  ],
  [
    'parameters that are no object',
    schema({ type: 'string' }),
    "details: <At path 'root': type of the root must be object>",
  ],
  [
    'an enum without a type',
    schema({ type: 'object', properties: { source: { enum: ['a'] } } }),
    "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: <At path 'properties.source': type is not defined>",
  ],
  [
    'a required choice with thinking',
    { tool_choice: 'required' },
    "tool_choice 'required' is incompatible with thinking enabled",
  ],
  [
    'a required choice without thinking',
    { ...off, tool_choice: 'required' },
    "tool_choice 'required' is not supported by this model",
  ],
  [
    'a named choice with thinking',
    { tool_choice: { type: 'function', function: { name: 'get_weather' } } },
    "tool_choice 'specified' is incompatible with thinking enabled",
  ],
  [
    'a named choice of nothing',
    { ...off, tool_choice: { type: 'function', function: { name: 'other' } } },
    'tool_choice names the function other, which is not in tools',
  ],
  [
    'a named choice without tools',
    { ...off, tools: undefined, tool_choice: { type: 'function', function: { name: 'other' } } },
    'tool_choice needs tools',
  ],
  [
    'a choice that is none',
    { tool_choice: 'any' },
    "tool_choice must be 'auto', 'none' or a named function",
  ],
  [
    'an unknown response format',
    { response_format: { type: 'xml' } },
    'response_format.type must be',
  ],
  [
    'a format without a schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
    'Invalid request: the `response_format.json_schema.schema` field in the request (expected type dict[string,interface]) is illegal...',
  ],
  [
    'a format with a wrong schema',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { type: 'thing' } },
      },
    },
    "details: <At path 'root': invalid type>",
  ],
  [
    'JSON with partial',
    {
      response_format: { type: 'json_object' },
      messages: [user, { role: 'assistant', content: '{', reasoning_content: ' ', partial: true }],
    },
    'partial is not allowed with response_format json_object',
  ],
];

/** What it takes. */
const taken: readonly [about: string, changes: Record<string, unknown>][] = [
  ['the right fixed values', { temperature: 1, top_p: 0.95, n: 1, presence_penalty: 0 }],
  ['the right temperature without thinking', { ...off, temperature: 0.6 }],
  ['no thinking field', { thinking: undefined }],
  ['five stops of 32 bytes', { stop: Array.from({ length: 5 }, () => 'x'.repeat(32)) }],
  ['a call and its result', { messages: [user, asked, answered] }],
  [
    'a placeholder of one space as reasoning',
    { messages: [user, { ...asked, reasoning_content: ' ' }, answered] },
  ],
  [
    'no reasoning when thinking is off',
    { ...off, messages: [user, { ...asked, reasoning_content: undefined }, answered] },
  ],
  [
    'no reasoning on a plain answer without keep',
    {
      thinking: { type: 'enabled' },
      messages: [user, { role: 'assistant', content: 'Yes.' }, user],
    },
  ],
  [
    'an image and a video as data',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'x' },
            { type: 'image_url', image_url: { url: png } },
            { type: 'video_url', video_url: 'data:video/mp4;base64,AAAA' },
            { type: 'image_url', image_url: 'ms://f1' },
          ],
        },
      ],
    },
  ],
  [
    'a result with an image',
    {
      messages: [
        user,
        asked,
        { ...answered, content: [{ type: 'image_url', image_url: { url: png } }] },
      ],
    },
  ],
  [
    'partial on the last message',
    {
      messages: [
        user,
        { role: 'assistant', content: 'The', reasoning_content: ' ', partial: true },
      ],
    },
  ],
  [
    'a named choice without thinking',
    { ...off, tool_choice: { type: 'function', function: { name: 'get_weather' } } },
  ],
  ['tool_choice none', { tool_choice: 'none' }],
  ['a response format of JSON', { response_format: { type: 'json_object' } }],
];

describe('at strictness moonshot', () => {
  test.each(upstream)('it refuses %s, in the words of the endpoint', async (_, changes, words) => {
    const simulator = await start({ script: [] });
    const reply = await ask(simulator, body(changes));
    expect(errorOf(reply)['message']).toContain(words);
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatchObject({ type: 'invalid_request_error', param: '', code: null });
    expect(simulator.requests[0]).toMatchObject({ status: 400, answer: undefined });
    expect(simulator.requests[0]?.error).toContain(words);
  });

  test.each(taken)('it takes %s', async (_, changes) => {
    const simulator = await start({ script: [{ text: 'Yes.' }] });
    const reply = await ask(simulator, body(changes));
    expect(reply.text).toContain('Yes.');
    expect(reply.status).toBe(200);
  });

  test('empty reasoning is taken when the switch says so', async () => {
    const simulator = await start({ script: [{ text: 'Yes.' }], emptyReasoning: 'accept' });
    const messages = [user, { ...asked, reasoning_content: '' }, answered];
    expect((await ask(simulator, body({ messages }))).status).toBe(200);
  });

  test('refusals come before a stream is begun, with the same body', async () => {
    const simulator = await start();
    const reply = await ask(simulator, streamed({ temperature: 0 }));
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toContain('application/json');
  });

  test('raw bodies of errors have <, > and & as escapes', async () => {
    const simulator = await start();
    const reply = await ask(simulator, body(schema({ type: 'string' })));
    expect(reply.text).toContain("details: \\u003cAt path 'root'");
    expect(reply.text).not.toContain('<');
  });

  test("errors have Moonshot's own body if that is asked for", async () => {
    const simulator = await start({ errorBody: 'moonshot' });
    const reply = await ask(simulator, body({ messages: [] }));
    expect(JSON.parse(reply.text)).toEqual({
      error: {
        message: 'Invalid request: messages must not be empty',
        type: 'invalid_request_error',
      },
    });
  });
});

describe('the gateway', () => {
  test('refuses other methods and paths with 404 and the path', async () => {
    const simulator = await start();
    const reply = await ask(simulator, body(), { path: '/completions' });
    expect(reply.status).toBe(404);
    expect(errorOf(reply)['message']).toContain('Invalid URL (POST /v1/completions)');
    expect(errorOf(reply)['type']).toBe('invalid_request_error');
    const files = await ask(simulator, body(), { path: '/files' });
    expect(files.status).toBe(501);
    expect(errorOf(files)).toMatchObject({ code: 'api_not_implemented' });
  });

  test('asks for a key and does not take a wrong one', async () => {
    const simulator = await start();
    const without = await ask(simulator, body(), { headers: { authorization: '' } });
    expect([without.status, errorOf(without)['message']]).toEqual([
      401,
      expect.stringContaining('No token provided'),
    ]);
    const wrong = await ask(simulator, body(), { headers: { authorization: 'Bearer nope' } });
    expect(errorOf(wrong)).toMatchObject({ type: 'new_api_error', code: '' });
    expect(errorOf(wrong)['message']).toContain('Invalid token');
  });

  test('takes a key with sk- before it and a channel after it', async () => {
    const simulator = await start({ key: 'abc' });
    for (const key of ['abc', 'sk-abc', 'sk-abc-17']) {
      const reply = await ask(simulator, body(), { headers: { authorization: `Bearer ${key}` } });
      expect(reply.status).toBe(200);
    }
  });

  const unreadable = [
    {
      about: 'no JSON',
      text: '{"model":',
      status: 400,
      words: 'Invalid request: the body is not valid JSON',
    },
    {
      about: 'JSON that is no object',
      text: '[]',
      status: 400,
      words: 'Invalid request: the body must be a JSON object',
    },
    {
      about: 'no model',
      text: '{}',
      status: 400,
      words: 'Model name not specified, model name cannot be empty',
    },
    {
      about: 'an unknown model',
      text: '{"model":"gpt"}',
      status: 503,
      words: 'No available channel for model gpt under group default (distributor)',
      code: 'model_not_found',
    },
  ];
  test.each(unreadable)('refuses $about', async ({ text, status, words, code = '' }) => {
    const simulator = await start();
    const reply = await ask(simulator, text);
    expect(reply.status).toBe(status);
    expect(errorOf(reply)['message']).toContain(words);
    expect(errorOf(reply)).toMatchObject({ type: 'new_api_error', code });
  });

  test('refuses a body without the content type of JSON', async () => {
    const simulator = await start();
    const reply = await ask(simulator, body(), { headers: { 'content-type': 'text/plain' } });
    expect(reply.status).toBe(400);
  });

  test('refuses a body beyond the largest with 413', async () => {
    const simulator = await start({ maxBodyBytes: 1000 });
    const messages = [{ role: 'user', content: 'x'.repeat(5000) }];
    const reply = await ask(simulator, body({ messages }));
    expect(reply.status).toBe(413);
    expect(errorOf(reply)['message']).toContain('Request exceeds the maximum size');
  });

  test('alone, lets pass what only Moonshot refuses', async () => {
    const simulator = await start({ strictness: 'gateway', script: [{ text: 'Yes.' }] });
    expect((await ask(simulator, body({ temperature: 0.3, messages: [user, asked] }))).status).toBe(
      200,
    );
    expect((await ask(simulator, { ...body(), model: 'gpt' })).status).toBe(503);
  });
});

test('at strictness lenient nearly anything that is JSON gets its answer', async () => {
  const simulator = await start({ strictness: 'lenient', script: () => ({ text: 'Yes.' }) });
  const odd = [
    '{}',
    '{"messages":"hi"}',
    '{"messages":[null,{"role":"assistant","tool_calls":[null]}],"tools":[null]}',
    '{"messages":[{"role":"x","content":[null]}],"max_completion_tokens":"many","thinking":null}',
    '{"stream":true,"stream_options":null,"tools":{}}',
  ];
  for (const text of odd) {
    const headers = { authorization: 'none', 'content-type': 'text/plain' };
    const reply = await ask(simulator, text, { headers });
    expect(reply.text).toContain('Yes');
    expect(reply.status).toBe(200);
  }
  expect((await ask(simulator, '{')).status).toBe(400);
});

test.each([
  [{ cutBytes: 0 }, 'cutBytes must be a whole number of at least 1, not 0.'],
  [
    { strictness: 'mild' as 'lenient' },
    'strictness must be "moonshot", "gateway" or "lenient", not "mild".',
  ],
  [
    { faults: ['nope' as 'crlf'] },
    'There is no fault called "nope"; the export faults and --list-faults name them all.',
  ],
  [
    { faults: [{ fault: 'crlf', probability: 2 } as const] },
    'The probability of fault "crlf" must be from 0 to 1, not 2.',
  ],
  [
    { faults: [{ fault: 'crlf', times: -1 } as const] },
    'The times of fault "crlf" must be 0 or more, not -1.',
  ],
  [
    { script: [{ faults: ['nope' as 'crlf'] }] },
    'There is no fault called "nope"; the export faults and --list-faults name them all.',
  ],
])('an option that is none is refused with a sentence: %j', async (options, sentence) => {
  await expect(startSimulator(options)).rejects.toThrow(new TypeError(sentence));
});

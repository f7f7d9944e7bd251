import { expect, test } from 'vitest';
import { ask, modelAt } from './support/ask.ts';
import { callDelta, frames, json, startEndpoint, stream } from './support/endpoint.ts';

const usage = {
  prompt_tokens: 158,
  completion_tokens: 85,
  total_tokens: 243,
  cached_tokens: 128,
  completion_tokens_details: { reasoning_tokens: 33 },
};

const whole = frames(
  { role: 'assistant', content: '' },
  ': PING\n\n',
  { reasoning_content: 'Need both — 🌍 ' },
  { reasoning_content: 'cities.\r\n\u2028\\' },
  { content: 'Checking both, señor.' },
  callDelta(0, { id: 'get_weather:0', type: 'function', name: 'get_weather', arguments: '' }),
  callDelta(0, { arguments: '{"city":' }),
  callDelta(0, { arguments: '"Pariß"}' }),
  callDelta(1, { id: 'get_weather:1', type: 'function', name: 'get_weather', arguments: '' }),
  callDelta(1, { arguments: '{"city":"Oslo"}' }),
  { finish_reason: 'tool_calls', usage },
  { choices: [], usage: { ...usage, prompt_tokens: 999 } },
  '[DONE]',
);

const expected = {
  reasoning: 'Need both — 🌍 cities.\r\n\u2028\\',
  key: 'reasoning_content',
  text: 'Checking both, señor.',
  calls: [
    { id: 'get_weather:0', name: 'get_weather', args: '{"city":"Pariß"}' },
    { id: 'get_weather:1', name: 'get_weather', args: '{"city":"Oslo"}' },
  ],
  finish: 'tool_calls',
  warnings: [],
};

test.each([1, 7, 1000, Infinity])('reads a streamed answer cut at every %s bytes', async (cut) => {
  const endpoint = await startEndpoint(stream(whole, cut));
  const answer = await ask(modelAt(endpoint.baseURL));
  expect(answer).toMatchObject(expected);
  expect(answer.usage).toMatchObject({
    inputTokens: 158,
    cachedTokens: 128,
    outputTokens: 85,
    reasoningTokens: 33,
  });
  expect(answer.usage?.costUsd).toBeCloseTo((30 * 0.95 + 128 * 0.16 + 85 * 4) / 1e6, 12);
});

test('reads an answer that is not streamed as the same parts', async () => {
  const endpoint = await startEndpoint(
    json({
      id: 'x',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: expected.text,
            reasoning_content: expected.reasoning,
            tool_calls: expected.calls.map(({ id, name, args }, index) => ({
              index,
              id,
              type: 'function',
              function: { name, arguments: args },
            })),
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage,
    }),
  );
  expect(await ask(modelAt(endpoint.baseURL, { stream: false }))).toMatchObject(expected);
  expect(JSON.parse(endpoint.seen[0]!.body)).toMatchObject({ stream: false });
});

test('asks again with the very same bytes until the first part of an answer', async () => {
  const endpoint = await startEndpoint(json('{"error":{"message":"busy"}}', 503), stream(whole));
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject(expected);
  expect(endpoint.seen).toHaveLength(2);
  expect(endpoint.seen[1]!.body).toBe(endpoint.seen[0]!.body);
});

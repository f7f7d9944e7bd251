import { ModelError } from '@throughline/core';
import type { ModelPart } from '@throughline/core';
import { expect, test } from 'vitest';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { dialects } from '../support/dialects.ts';
import {
  brokenStream,
  callDelta,
  frames,
  json,
  startEndpoint,
  stream,
} from '../support/endpoint.ts';

const bare = { prices: null, retry: { attempts: 1 } };

test.each(dialects)('understands a host that sends $name', async ({ stream: text, means }) => {
  const endpoint = await startEndpoint(...[1, 7, 1000].map((cut) => stream(text, cut)));
  const model = modelAt(endpoint.baseURL, bare);
  for (let cut = 0; cut < 3; cut++) expect(await ask(model)).toMatchObject(means);
});

test.each([
  {
    name: 'a broken-off call, even if a gateway writes [DONE]',
    text: frames(callDelta(0, { id: 'a', name: 'read', arguments: '{"pa' }), '[DONE]'),
    code: 'incomplete_answer',
  },
  {
    name: 'a damaged frame that may have been the call the finish reason speaks of',
    text: frames(
      { content: 'I read it.' },
      '{"choices":[{"delta":{"tool_ca',
      { finish_reason: 'tool_calls' },
      '[DONE]',
    ),
    code: 'incomplete_answer',
  },
  {
    name: 'a call after a damaged frame, which may lack a piece',
    text: frames(
      callDelta(0, { id: 'a', name: 'read', arguments: '{"city":"/tmp/' }),
      '{"choices":[{"delta":{"tool_ca',
      callDelta(0, { arguments: '"}' }),
      { finish_reason: 'tool_calls' },
      '[DONE]',
    ),
    code: 'incomplete_answer',
  },
  {
    name: 'text without finish and [DONE]',
    text: frames({ content: 'Yes' }),
    code: 'incomplete_answer',
  },
  { name: 'a stream with nothing in it', text: frames('[DONE]'), code: 'empty_answer' },
  {
    name: 'an overloaded engine in the middle of the answer',
    text: frames(
      { content: 'Ye' },
      { error: { message: 'The engine is currently overloaded', type: 'engine_overloaded_error' } },
    ),
    code: 'overloaded',
  },
])('takes no answer from $name', async ({ text, code }) => {
  const endpoint = await startEndpoint(...[1, 7, 1000].map((cut) => stream(text, cut)));
  for (let cut = 0; cut < 3; cut++) {
    const error = await errorOf(ask(modelAt(endpoint.baseURL, bare)));
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ code, retryable: true });
  }
});

test.each<[string, Record<string, unknown>[]]>([
  ['[DONE] alone', []],
  ['an unknown finish reason', [{ finish_reason: 'unexpected_state' }]],
])('is unsure of a call without arguments before %s', async (_what, rest) => {
  const text = frames(callDelta(0, { id: 'a', name: 'read' }), ...rest, '[DONE]');
  const endpoint = await startEndpoint(stream(text));
  const parts: ModelPart[] = [];
  const model = modelAt(endpoint.baseURL);
  for await (const batch of model.stream(request(), new AbortController().signal)) {
    parts.push(...batch);
  }
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'tool_calls', unsure: true });
});

test('a connection that breaks in the middle of an answer is a retryable error', async () => {
  const endpoint = await startEndpoint(brokenStream(frames({ content: 'Ye' })));
  const error = await errorOf(ask(modelAt(endpoint.baseURL)));
  expect(error).toMatchObject({ code: 'connection', retryable: true });
  expect(endpoint.seen).toHaveLength(1);
});

test('a connection that breaks after the finish has lost nothing but the bill', async () => {
  const endpoint = await startEndpoint(
    brokenStream(frames({ content: 'Yes.' }, { finish_reason: 'stop' })),
  );
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject({ text: 'Yes.', finish: 'stop' });
});

test('a stream is understood where JSON was asked for, and the reverse', async () => {
  const body = { choices: [{ message: { content: 'Yes.' } }] };
  const endpoint = await startEndpoint(
    stream(frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]')),
    json(body),
  );
  expect(await ask(modelAt(endpoint.baseURL, { stream: false }))).toMatchObject({ text: 'Yes.' });
  expect(await ask(modelAt(endpoint.baseURL, { stream: true }))).toMatchObject({
    text: 'Yes.',
    finish: 'stop',
  });
});

test('in a whole message what stands before a lone </think> is reasoning', async () => {
  const message = { content: 'Hmm.</think>\nYes.' };
  const endpoint = await startEndpoint(json({ choices: [{ message, finish_reason: 'stop' }] }));
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject({ reasoning: 'Hmm.', text: 'Yes.' });
});

test('a whole message may be of any length', async () => {
  const content = 'x'.repeat(24_000_000);
  const endpoint = await startEndpoint(json({ choices: [{ message: { content } }] }));
  expect((await ask(modelAt(endpoint.baseURL))).text === content).toBe(true);
});

test('blank lines before an answer are no part of it, however many', async () => {
  const blank = '\n'.repeat(4_000_000);
  const body = JSON.stringify({ choices: [{ message: { content: 'Yes.' } }] });
  const endpoint = await startEndpoint(
    stream(blank + body),
    stream(`${blank}${frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]')}`),
  );
  const model = modelAt(endpoint.baseURL, bare);
  expect(await ask(model)).toMatchObject({ text: 'Yes.' });
  expect(await ask(model)).toMatchObject({ text: 'Yes.' });
});

test.each(['<p>', 'data: {"'])('what begins with %s and has no end is given up', async (head) => {
  const page = Buffer.alloc(1024 * 1024, 'x');
  const endpoint = await startEndpoint((response) => {
    response.writeHead(200).write(head);
    const more = (): void => {
      while (!response.destroyed && response.write(page));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  expect(await errorOf(ask(modelAt(endpoint.baseURL)))).toMatchObject({
    code: 'bad_response',
    retryable: false,
  });
  await endpoint.hungUp;
});

test('an id that stands in the history is given to no other call', async () => {
  const call = {
    id: 'read:0',
    type: 'function' as const,
    function: { name: 'read', arguments: '{}' },
  };
  const text = frames(
    callDelta(0, { id: 'read:0', name: 'read', arguments: '{}' }),
    callDelta(1, { id: 'read:1', name: 'read', arguments: '{}' }),
    { finish_reason: 'tool_calls' },
    '[DONE]',
  );
  const endpoint = await startEndpoint(stream(text));
  const { calls } = await ask(
    modelAt(endpoint.baseURL),
    request({
      messages: [
        { role: 'user', content: 'Read.' },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'read:0', content: 'ok' },
      ],
    }),
  );
  expect(calls.map(({ id }) => id)).toEqual(['functions.read:1', 'read:1']);
});

test('under tool_choice "none" leaked calls are not believed', async () => {
  const leak =
    'Hi.<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{}<|tool_call_end|>';
  const endpoint = await startEndpoint(
    stream(frames({ content: leak }, { finish_reason: 'stop' }, '[DONE]')),
  );
  const answer = await ask(modelAt(endpoint.baseURL), request({ toolChoice: 'none' }));
  expect(answer).toMatchObject({ text: 'Hi.', calls: [], finish: 'stop' });
  expect(answer.warnings).toHaveLength(1);
});

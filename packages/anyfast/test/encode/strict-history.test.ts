import type { Message } from '@throughline/core';
import { expect, test } from 'vitest';
import { strictHistory } from '../../src/encode/strict-history.ts';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const call = (id: string) => ({
  id,
  type: 'function' as const,
  function: { name: 'read', arguments: '{}' },
});
const user: Message = { role: 'user', content: 'Read.' };
const asked: Message = {
  role: 'assistant',
  reasoning_content: 'Hm.',
  tool_calls: [call('a'), call('b')],
};
const result = (id: string, content = 'ok'): Message => ({
  role: 'tool',
  tool_call_id: id,
  content,
});
const yes = stream(frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]'));
const refuse = (message: string) =>
  json({ error: { message, type: 'invalid_request_error' } }, 400);

test('a well-formed history is left alone', () => {
  expect(strictHistory([user, asked, result('a'), result('b'), user])).toBeUndefined();
});

test('every call gets its result right after it, and nothing else stays', () => {
  const late = [
    user,
    asked,
    result('b'),
    user,
    result('a', ''),
    result('x'),
    { role: 'user', content: '' } as const,
    asked,
  ];
  const none = (id: string) => result(id, 'This call has no recorded result.');
  expect(strictHistory(late)).toEqual([
    user,
    asked,
    none('a'),
    result('b'),
    user,
    asked,
    none('a'),
    none('b'),
  ]);
});

test('a history the endpoint finds ill formed is mended once, and said so', async () => {
  const endpoint = await startEndpoint(
    refuse("an assistant message with 'tool_calls' must be followed by tool messages"),
    yes,
  );
  const answer = await ask(
    modelAt(endpoint.baseURL),
    request({ messages: [user, asked, result('a')] }),
  );
  expect(answer).toMatchObject({ text: 'Yes.', warnings: [expect.stringContaining('mended')] });
  const { messages } = JSON.parse(endpoint.seen[1]!.body) as { messages: Message[] };
  expect(messages.slice(0, 3)).toEqual([user, asked, result('a')]);
  expect(messages).toHaveLength(4);
});

test('a second refusal is final, and so is one that mending cannot help', async () => {
  const endpoint = await startEndpoint(refuse('Invalid request: tool_call_id  is not found'));
  const model = modelAt(endpoint.baseURL);
  await errorOf(ask(model, request({ messages: [user, asked, result('a')] })));
  expect(endpoint.seen).toHaveLength(2);
  await errorOf(ask(model, request({ messages: [user] })));
  expect(endpoint.seen).toHaveLength(3);
});

test('reasoning that a host spoke under another key is sent as the next host wants it', async () => {
  const told =
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1';
  const endpoint = await startEndpoint(refuse(told), yes, yes, refuse(told));
  const plain = await startEndpoint(refuse(told));
  await errorOf(ask(modelAt(plain.baseURL), request({ messages: [user] })));
  expect(plain.seen).toHaveLength(1);
  const model = modelAt(endpoint.baseURL);
  const messages: Message[] = [
    user,
    { role: 'assistant', reasoning: 'Hm.', tool_calls: [call('a')] },
    result('a'),
  ];
  expect((await ask(model, request({ messages }))).warnings).toHaveLength(1);
  expect((await ask(model, request({ messages }))).warnings).toEqual([]);
  await errorOf(ask(model, request({ messages })));
  const sent = endpoint.seen.map(
    ({ body }) => (JSON.parse(body) as { messages: Message[] }).messages[1],
  );
  expect(sent[0]).toHaveProperty('reasoning', 'Hm.');
  expect(sent[1]).toEqual({ role: 'assistant', reasoning_content: 'Hm.', tool_calls: [call('a')] });
  expect(sent[2]).toEqual(sent[1]);
  expect(sent).toHaveLength(4);
});

test('an endpoint that misses reasoning which was sent is told as what it is: a gateway that drops it', async () => {
  const told =
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 1';
  const endpoint = await startEndpoint(refuse(told), refuse(told));
  const assistant = (more: object) =>
    ({ role: 'assistant', tool_calls: [call('a')], ...more }) as Message;
  const model = modelAt(endpoint.baseURL);
  const messages = [user, assistant({ reasoning_content: 'Hm.' }), result('a')];
  const error = await errorOf(ask(model, request({ messages })));
  expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
  expect(String(error)).toMatch(
    /is missing .* The request carried the reasoning .* A gateway between here and the model drops it/,
  );
  expect(endpoint.seen[0]?.body).toContain('"reasoning_content":"Hm."');
  const without = [user, assistant({}), result('a')];
  expect(String(await errorOf(ask(model, request({ messages: without }))))).not.toMatch(
    /gateway between/,
  );
});

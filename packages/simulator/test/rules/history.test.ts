import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHistory, checkSchema } from '../../src/index.ts';
import { call } from '../support.ts';

const user = { role: 'user', content: 'hi' };
const asked = { role: 'assistant', reasoning_content: 'r', tool_calls: [call('a:0'), call('b:1')] };
const result = (id: string): object => ({ role: 'tool', tool_call_id: id, content: 'x' });

test('names every call of a message that was not answered, and where the message is', () => {
  expect(checkHistory([user, asked, result('a:0'), user])).toEqual({
    index: 1,
    message: expect.stringMatching(/did not have response messages: b:1$/),
  });
  expect(checkHistory([user, asked])?.message).toMatch(/: a:0, b:1$/);
});

test('lets results come in any order, and ids come again in a later answer', () => {
  const round = [asked, result('b:1'), result('a:0')];
  expect(checkHistory([user, ...round, ...round])).toBeUndefined();
});

test('scans the whole history for reasoning, not the last question only', () => {
  const old = { ...asked, reasoning_content: undefined };
  const messages = [
    user,
    old,
    result('a:0'),
    result('b:1'),
    user,
    asked,
    result('a:0'),
    result('b:1'),
  ];
  expect(checkHistory(messages)?.index).toBe(1);
  expect(checkHistory(messages, { thinking: false })).toBeUndefined();
});

test('takes empty reasoning when asked to', () => {
  const messages = [user, { ...asked, reasoning_content: '' }, result('a:0'), result('b:1')];
  expect(checkHistory(messages)?.message).toContain('at index 1');
  expect(checkHistory(messages, { emptyReasoning: 'accept' })).toBeUndefined();
});

test('never throws, whatever the messages and schemas are', () => {
  const member = fc.constantFrom(
    'role',
    'content',
    'tool_calls',
    'type',
    'properties',
    'anyOf',
    '$ref',
    'enum',
    '$defs',
    'required',
  );
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, 1, '', 'user', 'assistant', 'tool', 'object', '#', '#/$defs/a', true),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(member, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(any, (value) => {
      checkHistory(value);
      checkHistory([value], { keepAll: true });
      checkSchema(value);
    }),
    { numRuns: 500 },
  );
});

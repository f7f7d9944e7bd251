import { describe, expect, it } from 'vitest';
import { checkMessages } from '../../src/history/check-messages.ts';
import { foldMessages } from '../../src/index.ts';
import type { Message, RecordedEvent } from '../../src/index.ts';
import { expectPaired } from '../support/pairing.ts';

const about = { runId: 'r', step: 1, call: 1, callId: 'pay:0', name: 'pay' };
const toolCall = {
  id: 'pay:0',
  type: 'function' as const,
  function: { name: 'pay', arguments: '{}' },
};
const answer: RecordedEvent = {
  type: 'answer',
  runId: 'r',
  step: 1,
  message: { role: 'assistant', tool_calls: [toolCall, { ...toolCall, id: 'pay:1' }] },
  finishReason: 'tool_calls',
  attempts: 1,
  timing: { firstPartMs: 1, totalMs: 1 },
  endedAtMs: 1,
};
const asked = { ...about, effect: 'write', arguments: '{}' } as const;
const pending: RecordedEvent = { type: 'call.pending', ...asked, id: 'i' };
const decided: RecordedEvent = {
  type: 'call.decided',
  ...about,
  id: 'i',
  decision: { approve: true },
};
const started: RecordedEvent = { type: 'call.start', ...asked };

const wordsOf = (...events: RecordedEvent[]) => {
  const messages = foldMessages([answer, ...events]);
  expectPaired(messages);
  return String(messages[1]?.content);
};

describe('a log that breaks off in a call', () => {
  it.each<[string, readonly RecordedEvent[], RegExp]>([
    ['before it began', [], /has no result/],
    ['while a person is asked', [pending], /It has not run/],
    [
      'after the person decided',
      [pending, decided],
      /Do not assume that it ran, or that it did not/,
    ],
    [
      'after it began',
      [pending, decided, started],
      /Do not assume that it ran, or that it did not/,
    ],
  ])('%s says no more than is known', (_when, events, words) => {
    expect(wordsOf(...events)).toMatch(words);
  });
});

describe('a conversation that no endpoint would take is refused', () => {
  const call: Message = { role: 'assistant', tool_calls: [toolCall] };
  const result: Message = { role: 'tool', tool_call_id: 'pay:0', content: 'paid' };
  it.each<[string, readonly unknown[], RegExp]>([
    ['a call without its result', [call], /history ends while the call "pay:0" has no result yet/],
    [
      'words between a call and its result',
      [call, { role: 'user', content: 'x' }, result],
      /history\[1\] comes before the result/,
    ],
    [
      'a result without a call',
      [result],
      /history\[0\] answers the call "pay:0", which no message/,
    ],
    ['a result told twice', [call, result, result], /history\[2\] answers the call "pay:0"/],
    ['an unknown role', [{ role: 'robot', content: 'x' }], /history\[0\] has the role "robot"/],
    [
      'a message without content',
      [{ role: 'user', content: '' }],
      /history\[0\] is a user message without content/,
    ],
  ])('%s', (_name, messages, words) => {
    expect(() => checkMessages(messages as readonly Message[], 'history')).toThrow(words);
  });

  it('but one with every call answered is not', () => {
    expect(() => checkMessages([call, result], 'history')).not.toThrow();
  });
});

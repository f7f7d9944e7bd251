import type { ModelPart } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import type { Folded } from '../support/ask.ts';
import { callDelta, frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const bare = { prices: null, retry: { attempts: 1 } };
const names = ['read', 'list', 'delete', 'delete_draft', 'edit_existing_file', 'remove_files'];
const tools = names.map((name) => ({ name, description: name, parameters: { type: 'object' } }));
const asked = request({ tools });
const end = { finish_reason: 'tool_calls' };

const entry = (
  index: number | undefined,
  id: string | undefined,
  name?: string,
  args?: string,
) => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id }),
  function: {
    ...(name === undefined ? {} : { name }),
    ...(args === undefined ? {} : { arguments: args }),
  },
});
const told = (...entries: readonly unknown[]) => ({ tool_calls: entries });
const madeBy = (answer: Folded) => answer.calls.map(({ name, args }) => `${name}(${args})`);

async function readBy(deltas: readonly Record<string, unknown>[]): Promise<readonly Folded[]> {
  const text = frames(...deltas, end, '[DONE]');
  const endpoint = await startEndpoint(...[7, 1000].map((cut) => stream(text, cut)));
  const model = modelAt(endpoint.baseURL, bare);
  return [await ask(model, asked), await ask(model, asked)];
}

describe('an entry that says nothing is no call', () => {
  const nothing: readonly (readonly [string, unknown])[] = [
    ['an index alone', { index: 0 }],
    ['nothing at all', {}],
    ['function: null', { index: 0, function: null }],
    ['an empty function', { index: 0, id: '', function: {} }],
    ['nulls', { index: 0, id: null, type: null, function: { name: null, arguments: null } }],
    ['empty texts', { index: 0, id: '', function: { name: '', arguments: '' } }],
    ['an id alone', { index: 0, id: 'call_1', function: { name: '', arguments: ' ' } }],
    ['no object', 'none'],
  ];

  test.each(nothing)('%s, in a stream', async (_what, one) => {
    const answers = await readBy([{ content: 'Yes.' }, { tool_calls: [one] }]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ text: 'Yes.', calls: [], finish: 'stop' });
    }
  });

  test.each(nothing)('%s, in a body', async (_what, one) => {
    const message = { content: 'Yes.', tool_calls: [one] };
    const endpoint = await startEndpoint(json({ choices: [{ message, ...end }] }));
    expect(await ask(modelAt(endpoint.baseURL, bare), asked)).toMatchObject({
      text: 'Yes.',
      calls: [],
      finish: 'stop',
    });
  });

  test('function_call: {} beside a text', async () => {
    const [answer] = await readBy([{ content: 'Yes.', function_call: {} }]);
    expect(answer).toMatchObject({ text: 'Yes.', calls: [] });
  });

  test('but it may be the beginning of one', async () => {
    const [answer] = await readBy([
      told({ index: 0 }),
      told({ index: 0, id: 'a' }),
      told(entry(0, undefined, 'read', '{}')),
    ]);
    expect(answer?.calls).toEqual([{ id: 'a', name: 'read', args: '{}' }]);
  });
});

describe('another id with another name is another call', () => {
  test.each<[string, Record<string, unknown>[], string[]]>([
    [
      'though both have the index 0 and the first has no arguments',
      [
        told(entry(0, 'a', 'remove_files', '')),
        told(entry(0, 'b', 'list', '')),
        told(entry(0, undefined, undefined, '{"path":"/home"}')),
      ],
      ['remove_files()', 'list({"path":"/home"})'],
    ],
    [
      'in one delta',
      [told(entry(0, 'a', 'remove_files', ''), entry(0, 'b', 'list', '{"path":"/home"}'))],
      ['remove_files()', 'list({"path":"/home"})'],
    ],
    [
      'in one delta, of one name',
      [told(entry(0, 'a', 'list', ''), entry(0, 'b', 'list', '{"path":"/home"}'))],
      ['list()', 'list({"path":"/home"})'],
    ],
    [
      'though they are of one tool and have the index 0',
      [
        told(entry(0, 'a', 'list', '')),
        told(entry(0, undefined, undefined, '{"path":"/"}')),
        told(entry(0, 'b', 'list', '')),
        told(entry(0, undefined, undefined, '{"path":"/home"}')),
      ],
      ['list({"path":"/"})', 'list({"path":"/home"})'],
    ],
    [
      'without ids',
      [told(entry(0, undefined, 'list', '{}')), told(entry(0, undefined, 'read', '{"a":1}'))],
      ['list({})', 'read({"a":1})'],
    ],
    [
      'without an index',
      [told(entry(undefined, 'a', 'list', '')), told(entry(undefined, 'b', 'read', '{}'))],
      ['list()', 'read({})'],
    ],
    [
      'without an index, of one name',
      [told(entry(undefined, 'a', 'list', '')), told(entry(undefined, 'b', 'list', '{}'))],
      ['list()', 'list({})'],
    ],
    [
      'though its name comes late',
      [
        told(entry(0, 'a', 'list', '{}')),
        told(entry(0, 'b', undefined, '{"a":')),
        told(entry(0, 'b', 'read', '1}')),
      ],
      ['list({})', 'read({"a":1})'],
    ],
  ])('%s', async (_what, deltas, calls) => {
    for (const answer of await readBy(deltas)) expect(madeBy(answer)).toEqual(calls);
  });

  test('while one call whose id changes with each delta, its name with it, stays one', async () => {
    const deltas = ['', '{"a":"', '{}', '"}'].map((args, at) =>
      told(entry(0, `x${at}`, 'read', args)),
    );
    for (const answer of await readBy(deltas)) expect(madeBy(answer)).toEqual(['read({"a":"{}"})']);
  });
});

describe('a name in pieces', () => {
  test.each<[string, Record<string, unknown>[], string[]]>([
    [
      'is joined',
      [
        told(entry(0, 'a', 'delete', '')),
        told(entry(0, undefined, '_draft', '')),
        told(entry(0, undefined, undefined, '{}')),
      ],
      ['delete_draft({})'],
    ],
    [
      'is joined though arguments come with them',
      [told(entry(0, 'a', 'edit_ex', '{"a":')), told(entry(0, undefined, 'isting_file', '1}'))],
      ['edit_existing_file({"a":1})'],
    ],
    [
      'is joined without an index',
      [told(entry(undefined, 'a', 'delete')), told(entry(undefined, undefined, '_draft', '{}'))],
      ['delete_draft({})'],
    ],
    [
      'is joined though each has another id',
      [told(entry(0, 'a', 'delete')), told(entry(0, 'b', '_draft', '{}'))],
      ['delete_draft({})'],
    ],
    [
      'is the last one where each is longer',
      [
        told(entry(0, 'a', 'del')),
        told(entry(0, 'a', 'delete')),
        told(entry(0, 'a', 'delete_draft', '{}')),
      ],
      ['delete_draft({})'],
    ],
    [
      'that makes no tool is no tool',
      [told(entry(0, 'a', 'delete')), told(entry(0, 'a', '_it', '{}'))],
      ['delete_it({})'],
    ],
  ])('%s', async (_what, deltas, calls) => {
    for (const answer of await readBy(deltas)) expect(madeBy(answer)).toEqual(calls);
  });

  test('is a doubt where the call was told already', async () => {
    const deltas = [told(entry(0, 'a', 'delete', '{"id"')), told(entry(0, 'a', '_draft', ':1}'))];
    const endpoint = await startEndpoint(stream(frames(...deltas, end, '[DONE]')));
    const parts: ModelPart[] = [];
    const model = modelAt(endpoint.baseURL, bare);
    for await (const batch of model.stream(asked, new AbortController().signal)) {
      parts.push(...batch);
    }
    expect(parts).toContainEqual(
      expect.objectContaining({ doubt: 'its name came in pieces, "delete" and then "_draft"' }),
    );
  });
});

describe('what is said twice counts once', () => {
  const pieces = [
    { reasoning_content: 'Hm' },
    { reasoning_content: 'm.' },
    { content: 'Ye' },
    { content: 's <b>.' },
    callDelta(0, { id: 'a', name: 'read', arguments: '{"a":' }),
    callDelta(0, { arguments: '1}' }),
  ];
  const message = {
    role: 'assistant',
    content: 'Yes <b>.',
    reasoning_content: 'Hmm.',
    tool_calls: [entry(0, 'a', 'read', '{ "a": 1 }')],
  };
  const meant = {
    reasoning: 'Hmm.',
    text: 'Yes <b>.',
    calls: [{ id: 'a', name: 'read', args: '{"a":1}' }],
    finish: 'tool_calls',
  };
  const answersTo = async (...last: readonly unknown[]): Promise<readonly Folded[]> => {
    const all = last.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    const text = frames(...pieces, ...all, '[DONE]');
    const endpoint = await startEndpoint(...[7, 1000].map((cut) => stream(text, cut)));
    const model = modelAt(endpoint.baseURL, bare);
    return [await ask(model, asked), await ask(model, asked)];
  };

  test.each<[string, unknown[]]>([
    ['a last chunk with the whole message', [{ message, ...end }]],
    ['a last chunk with it beside an empty delta', [{ delta: {}, message, ...end }]],
    ['the message twice', [{ message }, { message, ...end }]],
    [
      'a message whose content is a list',
      [{ message: { ...message, content: [{ type: 'text', text: 'Yes <b>.' }] }, ...end }],
    ],
  ])('%s', async (_what, last) => {
    for (const answer of await answersTo(...last)) expect(answer).toMatchObject(meant);
  });

  test('a message that has more than the deltas adds what is new', async () => {
    const more = {
      ...message,
      content: 'Yes <b>. Really.',
      tool_calls: [...message.tool_calls, entry(1, 'b', 'list', '{}')],
    };
    for (const answer of await answersTo({ message: more, ...end })) {
      expect(answer).toMatchObject({ text: 'Yes <b>. Really.', reasoning: 'Hmm.' });
      expect(madeBy(answer)).toEqual(['read({"a":1})', 'list({})']);
    }
  });

  test('a message that tells other calls makes the answer doubtful', async () => {
    const other = { ...message, tool_calls: [entry(0, 'a', 'read', '{"a":2}')] };
    const last = { message: other, ...end };
    const text = frames(...pieces, `data: ${JSON.stringify({ choices: [last] })}\n\n`, '[DONE]');
    const endpoint = await startEndpoint(stream(text));
    expect(await errorOf(ask(modelAt(endpoint.baseURL, bare), asked))).toMatchObject({
      code: 'incomplete_answer',
      retryable: true,
    });
  });

  test('a message with every chunk, each longer than the one before', async () => {
    const chunk = (content: string, more = {}) =>
      `data: ${JSON.stringify({ choices: [{ message: { content }, ...more }] })}\n\n`;
    const text = chunk('Ye') + chunk('Yes') + chunk('Yes.', { finish_reason: 'stop' });
    const endpoint = await startEndpoint(stream(text));
    expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject({
      text: 'Yes.',
      finish: 'stop',
    });
  });
});

describe('one choice is the answer', () => {
  const call = entry(0, 'a', 'read', '{}');
  const chunk = (...choices: readonly unknown[]) => `data: ${JSON.stringify({ choices })}\n\n`;
  const answerOf = async (text: string): Promise<Folded> => {
    const endpoint = await startEndpoint(stream(text));
    return ask(modelAt(endpoint.baseURL, bare), asked);
  };

  test('a second one that is streamed in between is left out, with a warning', async () => {
    const answer = await answerOf(
      chunk({ index: 0, delta: { content: 'Ye' } }) +
        chunk({ index: 1, delta: { content: 'Nev' } }) +
        chunk({ index: 1, delta: { content: 'er.' } }, { index: 0, delta: { content: 's.' } }) +
        chunk({ index: 1, delta: {}, finish_reason: 'length' }) +
        chunk({ index: 0, delta: {}, finish_reason: 'stop' }),
    );
    expect(answer).toMatchObject({ text: 'Yes.', finish: 'stop' });
    expect(answer.warnings).toEqual(['A second choice of the answer was left out.']);
  });

  test('calls that stand alone in the second one belong to the first one’s text', async () => {
    const answer = await answerOf(
      chunk({ index: 0, delta: { content: 'I read.' } }) +
        chunk({ index: 1, delta: { content: null, tool_calls: [call] } }) +
        chunk({ index: 0, delta: {}, finish_reason: 'tool_calls' }),
    );
    expect(answer).toMatchObject({ text: 'I read.', finish: 'tool_calls' });
    expect(madeBy(answer)).toEqual(['read({})']);
  });

  test('in a body too', async () => {
    const endpoint = await startEndpoint(
      json({
        choices: [
          { index: 0, message: { content: 'I read.' }, finish_reason: 'tool_calls' },
          { index: 1, message: { content: 'I read.', tool_calls: [call] } },
        ],
      }),
    );
    const answer = await ask(modelAt(endpoint.baseURL, bare), asked);
    expect(answer.text).toBe('I read.');
    expect(madeBy(answer)).toEqual(['read({})']);
  });

  test('a choice behind an empty one is the answer', async () => {
    const answer = await answerOf(
      chunk({ index: 0, delta: { role: 'assistant', content: '' } }) +
        chunk({ index: 1, delta: { content: 'Yes.' } }) +
        chunk({ index: 1, delta: {}, finish_reason: 'stop' }),
    );
    expect(answer).toMatchObject({ text: 'Yes.', finish: 'stop' });
  });

  test.each([
    ['calls of another answer', { delta: { content: 'Or so.', tool_calls: [call] } }, {}],
    [
      'calls in both',
      { delta: { tool_calls: [call] } },
      { tool_calls: [entry(0, 'b', 'list', '{}')] },
    ],
  ])('%s are refused, not dropped', async (_what, other, main) => {
    const text =
      chunk({ index: 0, delta: { content: 'Yes.', ...main } }) +
      chunk({ index: 1, ...other }) +
      chunk({ index: 0, delta: {}, finish_reason: 'stop' });
    expect(await errorOf(answerOf(text))).toMatchObject({ code: 'incomplete_answer' });
  });
});

import { Agent, tool } from '@throughline/core';
import type { ModelPart, RunEvent } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, modelAt, request } from '../support/ask.ts';
import { callDelta, frames, json, startEndpoint, stream } from '../support/endpoint.ts';

const bare = { prices: null, retry: { attempts: 1 } };
const call = callDelta(0, { id: 'a', name: 'read', arguments: '{"city":"x"}' });
const stop = { finish_reason: 'stop' };

async function partsOf(text: string, cut = Infinity): Promise<readonly ModelPart[]> {
  const endpoint = await startEndpoint(stream(text, cut));
  const parts: ModelPart[] = [];
  const answer = modelAt(endpoint.baseURL, bare).stream(request(), new AbortController().signal);
  for await (const batch of answer) parts.push(...batch);
  return parts;
}

describe('what the host says of an answer’s end counts', () => {
  test.each([
    'error',
    'abort',
    'aborted',
    'network_error',
    'insufficient_system_resource',
    'cancelled',
    'timeout',
    'upstream-failed',
    'MALFORMED_FUNCTION_CALL',
  ])('with "%s" there is no answer, be it half a text or a whole call', async (finish_reason) => {
    const said = [{ content: 'Half a' }, call];
    const endpoint = await startEndpoint(
      ...said.map((one) => stream(frames(one, { finish_reason }, '[DONE]'))),
      json({ choices: [{ message: { content: 'Half a' }, finish_reason }] }),
    );
    for (let at = 0; at < 3; at++) {
      expect(await errorOf(ask(modelAt(endpoint.baseURL, bare)))).toMatchObject({
        code: 'incomplete_answer',
        retryable: true,
      });
    }
  });

  test.each([
    ['length', ['max_tokens', 'model_length', 'MAX_TOKENS', 'max_output_tokens']],
    ['content_filter', ['sensitive', 'content-filter', 'SAFETY', 'content_filtered', 'refusal']],
    ['stop', ['end_turn', 'eos', 'COMPLETE', 'stop_sequence']],
  ])('%s is spelt in many ways', async (finish, spellings) => {
    for (const finish_reason of spellings) {
      const parts = await partsOf(frames({ content: 'Yes' }, { finish_reason }, '[DONE]'));
      expect(parts.at(-1)).toEqual({ type: 'finish', reason: finish });
    }
  });

  test('an unknown word is reported, and a text before it may be cut short', async () => {
    const text = frames({ content: 'Yes' }, { finish_reason: 'blorp\u001b[2J' }, '[DONE]');
    const parts = await partsOf(text);
    expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'stop', unsure: true });
    const warning = parts.find(({ type }) => type === 'warning');
    expect(JSON.stringify(warning)).toMatch(/blorp/);
    expect(JSON.stringify(warning)).not.toContain('\\u001b');
  });

  test('an unknown word is reported for a body too', async () => {
    const body = { choices: [{ message: { content: 'Yes' }, finish_reason: 'blorp' }] };
    const endpoint = await startEndpoint(json(body));
    const { warnings } = await ask(modelAt(endpoint.baseURL, bare));
    expect(warnings.join()).toContain('blorp');
  });

  test.each([
    [['length', 'stop'], 'length'],
    [['content_filter', 'stop'], 'content_filter'],
    [['stop', 'length'], 'length'],
    [['length', 'tool_calls'], 'length'],
    [['blorp', 'length'], 'length'],
  ])('of %j the graver one stands', async (reasons, finish) => {
    const ends = reasons.map((finish_reason) => ({ finish_reason }));
    const parts = await partsOf(frames({ content: 'Yes' }, ...ends, '[DONE]'));
    expect(parts.at(-1)).toEqual({ type: 'finish', reason: finish });
  });

  test('"error" stands against a later "stop"', async () => {
    const text = frames({ content: 'Half' }, { finish_reason: 'error' }, stop, '[DONE]');
    expect(await errorOf(partsOf(text))).toMatchObject({ code: 'incomplete_answer' });
  });

  test('an error in the choice is read by its words, in a stream and in a body', async () => {
    const error = { message: 'The engine is currently overloaded', code: 503 };
    const choice = { message: { content: 'Half' }, error, finish_reason: 'error' };
    const chunk = { index: 0, delta: { content: 'Half' }, error, finish_reason: 'error' };
    const endpoint = await startEndpoint(
      json({ choices: [choice] }),
      stream(frames({ choices: [chunk] }, '[DONE]')),
    );
    for (let at = 0; at < 2; at++) {
      expect(await errorOf(ask(modelAt(endpoint.baseURL, bare)))).toMatchObject({
        code: 'overloaded',
      });
    }
  });

  test('an error frame behind a failed finish is the reason that is told', async () => {
    const error = {
      message: 'The engine is currently overloaded',
      type: 'engine_overloaded_error',
    };
    const text = frames({ content: 'Half' }, { finish_reason: 'error' }, { error }, '[DONE]');
    expect(await errorOf(partsOf(text))).toMatchObject({ code: 'overloaded' });
  });
});

describe('nothing the model says is lost in silence', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['a refusal', { refusal: 'I will not.' }, { text: 'I will not.' }],
    ['reasoning_text', { reasoning_text: 'Hm.' }, { reasoning: 'Hm.' }],
    ['thinking', { thinking: 'Hm.' }, { reasoning: 'Hm.' }],
    ['reasoning as an object', { reasoning: { content: 'Hm.' } }, { reasoning: 'Hm.' }],
    [
      'reasoning_content as a list',
      { reasoning_content: [{ type: 'text', text: 'Hm.' }] },
      { reasoning: 'Hm.' },
    ],
    [
      'a part of thinking',
      { content: [{ type: 'thinking', thinking: 'Hm.' }] },
      { reasoning: 'Hm.' },
    ],
    [
      'a part of thinking in parts',
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] },
      { reasoning: 'Hm.' },
    ],
    ['a text as an object', { content: { type: 'text', text: 'Yes.' } }, { text: 'Yes.' }],
    ['texts as a list', { content: ['Ye', { type: 'output_text', text: 's.' }] }, { text: 'Yes.' }],
  ])('%s is read', async (_what, delta, means) => {
    const endpoint = await startEndpoint(stream(frames(delta, stop, '[DONE]'), 7));
    expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject(means);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a picture', { content: [{ type: 'image_url', image_url: { url: 'data:' } }] }, /"image_url"/],
    ['a new key', { inner_thoughts: 'Hm.' }, /"inner_thoughts"/],
    [
      'two kinds of reasoning',
      { reasoning_content: 'a', reasoning: 'b' },
      /one in "reasoning" was left out/,
    ],
  ])('%s is reported', async (_what, delta, told) => {
    const endpoint = await startEndpoint(
      stream(frames(delta, { content: 'Yes.' }, stop, '[DONE]')),
    );
    const { warnings } = await ask(modelAt(endpoint.baseURL, bare));
    expect(warnings.join()).toMatch(told);
  });

  test('reasoning that was counted and never came is reported', async () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens: 9,
      completion_tokens_details: { reasoning_tokens: 7 },
    };
    const endpoint = await startEndpoint(stream(frames({ content: 'Yes.' }, { ...stop, usage })));
    const { warnings } = await ask(modelAt(endpoint.baseURL, bare));
    expect(warnings).toEqual([
      'The endpoint counts 7 tokens of reasoning and sent none. The next request cannot send it back.',
    ]);
  });

  test('reasoning that comes although thinking is switched off is reported, and kept', async () => {
    const text = frames({ reasoning_content: 'Hm' }, { reasoning_content: 'm.' }, stop, '[DONE]');
    const endpoint = await startEndpoint(stream(text));
    const model = modelAt(endpoint.baseURL, { ...bare, thinking: false });
    const { reasoning, warnings } = await ask(model);
    expect(reasoning).toBe('Hmm.');
    expect(warnings).toEqual([
      'The endpoint sent reasoning although the request had switched thinking off.',
    ]);
  });
});

describe('marks of thinking count only where the template puts them', () => {
  const thought = { reasoning_content: 'Hmm.' };

  test.each([
    ['behind reasoning', [thought, { content: '<think> is a tag, and </think> its end.' }]],
    ['in the middle', [{ content: 'A tag: <think> and </think>.' }]],
    ['as a word', [{ content: 'The tag </think> closes.' }]],
    ['behind reasoning, glued', [thought, { content: 'Write x</think>y.' }]],
    ['in code', [{ content: 'Write `x</think>y`.' }]],
  ])('%s they are text', async (_where, deltas) => {
    const text = deltas.map((delta) => ('content' in delta ? delta.content : '')).join('');
    const endpoint = await startEndpoint(
      stream(frames(...deltas, stop, '[DONE]'), 7),
      json({ choices: [{ message: Object.assign({}, ...deltas), ...stop }] }),
    );
    const model = modelAt(endpoint.baseURL, bare);
    expect(await ask(model)).toMatchObject({ text, warnings: [] });
    expect(await ask(model)).toMatchObject({ text, warnings: [] });
  });
});

describe('an error is read by its words, whatever it is wrapped in', () => {
  const error = {
    error: { message: 'The engine is currently overloaded', type: 'engine_overloaded_error' },
  };
  const good = { choices: [{ message: { content: 'Yes.' }, ...stop }] };
  const alive = ': PING\n\n: PING\n\n';

  test.each([
    ['keep-alives, then a JSON error', alive + JSON.stringify(error)],
    ['keep-alives, then a JSON error over many lines', alive + JSON.stringify(error, null, 2)],
    ['an error: line', `${alive}error: ${JSON.stringify(error.error)}\n\n`],
    ['an error: line in words', `error: The engine is currently overloaded\n\n`],
    ['an event of the type error', `event: error\ndata: {"message":"engine is overloaded"}\n\n`],
    ['an event of the type error in words', `event: error\ndata: engine is overloaded\n\n`],
  ])('%s', async (_what, text) => {
    const endpoint = await startEndpoint(...[1, 7, 1000].map((cut) => stream(text, cut)));
    for (let cut = 0; cut < 3; cut++) {
      expect(await errorOf(ask(modelAt(endpoint.baseURL, bare)))).toMatchObject({
        code: 'overloaded',
      });
    }
  });

  test('a JSON error behind half an answer', async () => {
    const text = `${frames({ content: 'Half' })}${JSON.stringify(error)}\n`;
    expect(await errorOf(partsOf(text, 7))).toMatchObject({ code: 'overloaded' });
  });

  test('keep-alives, then a JSON answer', async () => {
    for (const body of [JSON.stringify(good), JSON.stringify(good, null, 2)]) {
      const endpoint = await startEndpoint(stream(alive + body, 7));
      expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject({ text: 'Yes.' });
    }
  });

  test('chunks without data: before them', async () => {
    const lines = frames({ content: 'Yes ' }, { content: '{}.' }, stop).replaceAll('data: ', '');
    const endpoint = await startEndpoint(stream(lines, 7), stream(lines.replaceAll('\n\n', '\n')));
    const model = modelAt(endpoint.baseURL, bare);
    // Without [DONE] and with a finish: a whole answer.
    expect(await ask(model)).toMatchObject({ text: 'Yes {}.', finish: 'stop' });
    expect(await ask(model)).toMatchObject({ text: 'Yes {}.', finish: 'stop' });
  });

  test.each([
    {},
    { message: '' },
    { message: null, code: null },
    null,
    '',
    false,
    { code: 0, message: 'ok' },
    [],
  ])('error: %j beside a good answer is none', async (empty) => {
    const chunk = { choices: [{ index: 0, delta: { content: 'Yes.' }, ...stop }], error: empty };
    const endpoint = await startEndpoint(
      json({ ...good, error: empty }),
      stream(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`),
    );
    const model = modelAt(endpoint.baseURL, bare);
    expect(await ask(model)).toMatchObject({ text: 'Yes.', finish: 'stop' });
    expect(await ask(model)).toMatchObject({ text: 'Yes.', finish: 'stop' });
  });

  test('what was said before an error is told, whether both come at once or not', async () => {
    const text = `${frames({ content: 'Hello' }, error)}`;
    const good = stream(frames({ content: 'Yes.' }, stop, '[DONE]'));
    const told: unknown[] = [];
    for (const cut of [Infinity, 1, 90]) {
      const endpoint = await startEndpoint(stream(text, cut), good);
      const agent = new Agent({ model: modelAt(endpoint.baseURL), tools: [] });
      const events: RunEvent[] = [];
      for await (const event of agent.stream('Hi.')) events.push(event);
      told.push(
        events
          .filter(({ type }) => type === 'text.delta' || type === 'step.retry')
          .map((event) => (event.type === 'text.delta' ? event.delta : event.type)),
      );
    }
    expect(told).toEqual(Array.from({ length: 3 }, () => ['Hello', 'step.retry', 'Yes.']));
  });
});

test('a write in an answer that was cut does not run, though a closing chunk says stop', async () => {
  const ran: unknown[] = [];
  const write = tool({
    name: 'write',
    description: 'Writes.',
    inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
    execute: (input) => void ran.push(input),
  });
  const cut = frames(
    callDelta(0, { id: 'a', name: 'write', arguments: '' }),
    { finish_reason: 'length' },
    stop,
    '[DONE]',
  );
  const endpoint = await startEndpoint(
    stream(cut),
    stream(frames({ content: 'Ok.' }, stop, '[DONE]')),
  );
  await new Agent({ model: modelAt(endpoint.baseURL), tools: [write] }).run('Go.');
  expect(ran).toEqual([]);
});

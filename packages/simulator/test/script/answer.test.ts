import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, assemble, body, call, errorOf, events, start, streamed } from '../support.ts';

const paris = {
  reasoning: 'Need both cities.',
  text: 'Checking both.',
  calls: [
    { name: 'get_weather', arguments: { city: 'Paris' } },
    { name: 'get_weather', arguments: { city: 'Oslo' } },
  ],
};

describe('a streamed answer', () => {
  test('has the shape that the endpoint gives it: role, reasoning, text, calls, finish with usage, usage, [DONE]', async () => {
    const simulator = await start({ script: [paris] });
    const reply = await ask(simulator, streamed());
    const chunks = events(reply.text);
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    expect(reply.headers.get('x-oneapi-request-id')).toMatch(/^\d{31}$/);
    expect(reply.text).toContain('\n\n: PING\n\n');
    expect(chunks[0]).toMatchObject({
      object: 'chat.completion.chunk',
      model: 'kimi-k2.6',
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      system_fingerprint: 'fpv0_10a6da87',
    });
    expect(chunks[0].id).toMatch(/^chatcmpl-[0-9a-f]{24}$/);
    const kinds = chunks.slice(1).map((chunk) => {
      if (chunk === '[DONE]') return 'done';
      if (chunk.choices.length === 0) return 'usage';
      const { delta, finish_reason: finish } = chunk.choices[0];
      return finish ?? Object.keys(delta)[0];
    });
    expect([...new Set(kinds)]).toEqual([
      'reasoning_content',
      'content',
      'tool_calls',
      'usage',
      'done',
    ]);
    const finish = chunks.at(-3);
    expect(finish.choices[0]).toMatchObject({ delta: {}, finish_reason: 'tool_calls' });
    expect(finish.choices[0].usage).toEqual(chunks.at(-2).usage);
    expect('usage' in finish).toBe(false);
    expect('system_fingerprint' in chunks.at(-2)).toBe(false);
  });

  test('opens each call with id, type, name and empty arguments, then sends token-sized pieces', async () => {
    const simulator = await start({ script: [paris] });
    const chunks = events((await ask(simulator, streamed())).text);
    const deltas = chunks.flatMap((chunk) => chunk.choices?.[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toEqual({
      index: 0,
      id: 'get_weather:0',
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    });
    expect(deltas[1]).toEqual({ index: 0, function: { arguments: '{"ci' } });
  });

  test('assembles to what was scripted, and sends no trailing usage unless it is asked for', async () => {
    const simulator = await start({ script: [paris, paris] });
    const whole = assemble((await ask(simulator, streamed())).text);
    expect(whole).toMatchObject({
      reasoning: 'Need both cities.',
      content: 'Checking both.',
      finish: 'tool_calls',
      done: true,
      calls: [
        { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' },
        { id: 'get_weather:1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      ],
    });
    const bare = events((await ask(simulator, body({ stream: true }))).text);
    expect(bare.some((chunk) => chunk.choices?.length === 0)).toBe(false);
    expect(bare.at(-2).choices[0].usage.total_tokens).toBeGreaterThan(0);
  });

  test('keeps awkward bytes: emoji, CR LF, U+2028, a lone backslash, a lone surrogate, 100 KB', async () => {
    const awkward = `🙂\r\n\u2028\\ "q" \ud800 ${'é🙂'.repeat(20_000)}`;
    const simulator = await start({
      script: [
        { reasoning: awkward, text: awkward, calls: [{ name: 'note', arguments: { awkward } }] },
      ],
    });
    const whole = assemble((await ask(simulator, streamed())).text);
    expect(whole.reasoning).toBe(awkward);
    expect(whole.content).toBe(awkward);
    expect(JSON.parse(whole.calls[0]?.arguments ?? '')).toEqual({ awkward });
  });

  test('comes in pieces of exactly so many bytes when it is cut, and says the same', async () => {
    for (const cutBytes of [1, 7, 1000]) {
      const simulator = await start({ script: [{ ...paris, text: 'né🙂' }], cutBytes });
      const whole = assemble((await ask(simulator, streamed())).text);
      expect(whole).toMatchObject({ content: 'né🙂', finish: 'tool_calls', done: true });
    }
  });

  test('pauses before the first byte, between chunks and before later calls', async () => {
    const simulator = await start({
      script: [
        { text: 'a', delayMs: 60 },
        { text: 'abcdefgh', pieceDelayMs: 15 },
        { ...paris, callDelayMs: 60 },
      ],
    });
    for (const atLeastMs of [60, 50, 60]) {
      const startedAt = performance.now();
      await ask(simulator, streamed());
      expect(performance.now() - startedAt).toBeGreaterThan(atLeastMs - 5);
    }
  });
});

describe('a whole answer', () => {
  test('has the same content as the stream, with an index at each call', async () => {
    const simulator = await start({ script: [paris, { text: 'Sunny.' }] });
    const reply = JSON.parse((await ask(simulator, body())).text);
    expect(reply).toMatchObject({
      object: 'chat.completion',
      model: 'kimi-k2.6',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'Checking both.',
            reasoning_content: 'Need both cities.',
            tool_calls: [
              { index: 0, id: 'get_weather:0', type: 'function' },
              { index: 1, id: 'get_weather:1', type: 'function' },
            ],
          },
        },
      ],
    });
    const second = JSON.parse((await ask(simulator, body())).text);
    expect(second.choices[0].message).toEqual({ role: 'assistant', content: 'Sunny.' });
  });

  test('has an empty text beside calls, and no reasoning when thinking is off', async () => {
    const { text: _, ...silent } = paris;
    const simulator = await start({ script: [silent] });
    const reply = await ask(simulator, body({ thinking: { type: 'disabled' } }));
    const { message } = JSON.parse(reply.text).choices[0];
    expect(message.content).toBe('');
    expect('reasoning_content' in message).toBe(false);
  });

  test('numbers native ids over the whole conversation', async () => {
    const simulator = await start({ script: [paris] });
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', reasoning_content: 'r', tool_calls: [call('get_weather:0')] },
      { role: 'tool', tool_call_id: 'get_weather:0', content: 'Sunny' },
    ];
    const reply = JSON.parse((await ask(simulator, body({ messages }))).text);
    const ids = reply.choices[0].message.tool_calls.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['get_weather:1', 'get_weather:2']);
  });
});

describe('the budget', () => {
  test('is shared by reasoning and answer: too small a one leaves an empty text and length', async () => {
    const simulator = await start({ script: [{ reasoning: 'x'.repeat(400), text: 'Yes.' }] });
    const reply = JSON.parse((await ask(simulator, body({ max_completion_tokens: 10 }))).text);
    const [choice] = reply.choices;
    expect(choice).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(choice.message.reasoning_content).toHaveLength(40);
    expect(reply.usage.completion_tokens).toBe(10);
  });

  test('cuts the arguments of the last call when it ends there', async () => {
    const simulator = await start({ script: [{ ...paris, text: '' }] });
    const whole = assemble((await ask(simulator, streamed({ max_completion_tokens: 10 }))).text);
    expect(whole.finish).toBe('length');
    expect(whole.calls).toHaveLength(1);
    expect('{"city":"Paris"}'.startsWith(whole.calls[0]?.arguments ?? 'x')).toBe(true);
  });

  test('is not set by max_tokens, which is deprecated and not honored', async () => {
    const simulator = await start({ script: [{ text: 'A long answer, longer than one token.' }] });
    const reply = JSON.parse((await ask(simulator, body({ max_tokens: 1 }))).text);
    expect(reply.choices[0].finish_reason).toBe('stop');
    expect(simulator.lints.map(({ name }) => name)).toContain('deprecated-field');
  });
});

describe('usage', () => {
  test('adds up: total is prompt and completion, cached within prompt, reasoning within completion', async () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 60 });
    const counts = fc.option(fc.nat(500), { nil: undefined });
    const answers = fc.record({
      reasoning: words,
      text: words,
      usage: fc.record({
        prompt_tokens: counts,
        completion_tokens: counts,
        cached_tokens: counts,
        reasoning_tokens: counts,
      }),
    });
    await fc.assert(
      fc.asyncProperty(answers, fc.boolean(), async (answer, stream) => {
        const simulator = await startFor(answer);
        const { text } = await ask(simulator, stream ? streamed() : body());
        const usage = stream ? assemble(text).usage : JSON.parse(text).usage;
        await simulator.close();
        expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
        expect(usage.cached_tokens ?? 0).toBeLessThanOrEqual(usage.prompt_tokens);
        const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
        expect(reasoning).toBeLessThanOrEqual(usage.completion_tokens);
        expect(usage.prompt_tokens_details?.cached_tokens).toBe(usage.cached_tokens);
      }),
      { numRuns: 25 },
    );
  });

  test('counts the part of a prompt that was served before as cached', async () => {
    const simulator = await start({ script: () => ({ text: 'Yes.' }) });
    const messages: object[] = [{ role: 'user', content: 'a question' }];
    await ask(simulator, body({ messages }));
    messages.push(
      { role: 'assistant', content: 'Yes.', reasoning_content: ' ' },
      { role: 'user', content: 'More?' },
    );
    const second = JSON.parse((await ask(simulator, body({ messages }))).text);
    const [first, next] = simulator.requests;
    expect(first?.cachedBytes).toBe(0);
    expect(next?.cachedBytes).toBe(first?.promptBytes);
    expect(second.usage.cached_tokens).toBe(Math.floor((next?.cachedBytes ?? 0) / 4));
    await ask(simulator, body({ messages, tools: [] }));
    expect(simulator.requests[2]?.cachedBytes).toBe(0);
  });
});

test('lists the only model, and answers for an unknown one with status 200 and an error', async () => {
  const simulator = await start();
  const get = (path: string): Promise<Response> =>
    fetch(simulator.url + path, { headers: { authorization: `Bearer ${simulator.key}` } });
  const list = (await (await get('/models')).json()) as { data: { id: string }[] };
  expect(list.data).toEqual([
    expect.objectContaining({ id: 'kimi-k2.6', created: 1626777600, object: 'model' }),
  ]);
  const unknown = await get('/models/gpt');
  expect(unknown.status).toBe(200);
  expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found' } });
  expect((await fetch(`${simulator.url}/models`)).status).toBe(401);
});

test('says without a script that the model is scripted, and names the tools', async () => {
  const simulator = await start();
  const reply = JSON.parse((await ask(simulator, body())).text);
  expect(reply.choices[0].message.content).toContain('scripted model');
  expect(reply.choices[0].message.content).toContain('get_weather');
});

test('errors carry the id of the request in the text and in the header', async () => {
  const simulator = await start();
  const reply = await ask(simulator, body({ messages: [] }));
  const id = reply.headers.get('x-oneapi-request-id');
  expect(errorOf(reply)['message']).toMatch(new RegExp(` \\(request id: ${id}\\)$`));
});

async function startFor(answer: object) {
  const { startSimulator } = await import('../../src/index.ts');
  return startSimulator({ script: [answer] });
}

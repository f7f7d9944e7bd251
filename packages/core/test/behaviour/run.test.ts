import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Agent as CoreAgent, limit, ModelError, tool } from '../../src/index.ts';
import type { RunEvent } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { callPart, fakeModel, finished } from '../support/model.ts';
import { never, sleep } from '../support/tools.ts';

const add = tool({
  name: 'add',
  description: 'Adds two numbers.',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  effect: 'read',
  execute: ({ a, b }) => a + b,
});

async function eventsOf(run: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

describe('a run', () => {
  it('runs tools over several steps and ends with the model’s text', async () => {
    const model = fakeModel(
      { reasoning: 'First add.', calls: [['add', { a: 1, b: 2 }]] },
      { reasoning: 'Again.', calls: [['add', { a: 3, b: 4 }]] },
      { text: 'It is 7.' },
    );
    const result = await new Agent({ model, tools: [add] }).run('1+2+4?');
    expect(result).toMatchObject({ text: 'It is 7.', stopReason: 'answer', steps: 3, pending: [] });
    expect(result.messages).toEqual([
      { role: 'user', content: '1+2+4?' },
      {
        role: 'assistant',
        reasoning_content: 'First add.',
        tool_calls: [
          { id: 'add:0', type: 'function', function: { name: 'add', arguments: '{"a":1,"b":2}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'add:0', content: '3' },
      {
        role: 'assistant',
        reasoning_content: 'Again.',
        tool_calls: [
          { id: 'add:0', type: 'function', function: { name: 'add', arguments: '{"a":3,"b":4}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'add:0', content: '7' },
      { role: 'assistant', content: 'It is 7.' },
    ]);
  });

  it('sends every earlier message again, reasoning and arguments as they came', async () => {
    const reasoning =
      'emoji 🧵, CR LF \r\n, U+2028 \u2028, a lone backslash \\, ' + 'x'.repeat(100_000);
    const text = '{ "a":1,\t"b" : 2 }';
    const model = fakeModel(
      { parts: [{ type: 'reasoning', delta: reasoning }, callPart(0, 'add', text), finished] },
      { text: 'done' },
    );
    await new Agent({ model, tools: [add], instructions: 'Be brief.' }).run('go');
    expect(model.requests[1]?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        reasoning_content: reasoning,
        tool_calls: [{ id: 'add:0', type: 'function', function: { name: 'add', arguments: text } }],
      },
      { role: 'tool', tool_call_id: 'add:0', content: '3' },
    ]);
  });

  it('keeps reasoning under the key the endpoint spoke it under', async () => {
    const model = fakeModel({
      parts: [
        { type: 'reasoning', delta: 'hm', key: 'reasoning' },
        { type: 'text', delta: 'ok' },
        { type: 'finish', reason: 'stop' },
      ],
    });
    const { messages } = await new Agent({ model }).run('go');
    expect(messages[1]).toEqual({ role: 'assistant', content: 'ok', reasoning: 'hm' });
  });

  it('goes on with an earlier conversation', async () => {
    const model = fakeModel({ text: 'one' }, { text: 'two' });
    const agent = new Agent({ model, instructions: 'Count.' });
    const first = await agent.run('a');
    const second = await agent.run('b', { history: first.messages });
    expect(second.messages.map(({ content }) => content)).toEqual(['a', 'one', 'b', 'two']);
    expect(model.requests[1]?.messages.filter(({ role }) => role === 'system')).toHaveLength(1);
  });

  it('tells its events in order, each with its place', async () => {
    const usage = { inputTokens: 9, cachedTokens: 4, outputTokens: 3, reasoningTokens: 1 };
    const model = fakeModel(
      { reasoning: 'Add.', calls: [['add', { a: 1, b: 2 }]], usage },
      { text: '3', usage: { ...usage, costUsd: 0.5 } },
    );
    const events = await eventsOf(new Agent({ model, tools: [add] }).stream('1+2?'));
    expect(events.map(({ type }) => type)).toEqual([
      'run.start',
      'message',
      'step.start',
      'reasoning.delta',
      'call.delta',
      'call.start',
      'answer',
      'call.end',
      'step.end',
      'step.start',
      'text.delta',
      'answer',
      'step.end',
      'run.end',
    ]);
    const runIds = new Set(events.map(({ runId }) => runId));
    expect(runIds.size).toBe(1);
    expect(events.find(({ type }) => type === 'call.end')).toMatchObject({
      step: 1,
      call: 1,
      callId: 'add:0',
      name: 'add',
      outcome: 'ok',
    });
    expect(events.at(-1)).toMatchObject({
      stopReason: 'answer',
      steps: 2,
      usage: { inputTokens: 18, cachedTokens: 8, outputTokens: 6, costUsd: 0.5 },
    });
  });

  it('tells listeners on the agent and on the run the same events', async () => {
    const seen: string[] = [];
    const agent = new Agent({ model: fakeModel({ text: 'hi' }) });
    agent.on('answer', ({ message }) => seen.push(`agent ${message.content}`));
    const run = agent.stream('hi').on('run.end', ({ text }) => seen.push(`run ${text}`));
    await run.result;
    expect(seen).toEqual(['agent hi', 'run hi']);
  });

  it('survives a listener that throws, and reports it', async () => {
    const uncaught: unknown[] = [];
    const report = (error: unknown) => uncaught.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', report);
    const failure = new Error('broken listener');
    const warnings: string[] = [];
    const run = new Agent({ model: fakeModel({ text: 'hi' }) }).stream('hi');
    run.on('answer', () => {
      throw failure;
    });
    run.on('warning', ({ message }) => warnings.push(message));
    expect((await run.result).text).toBe('hi');
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('uncaughtException', report);
    for (const other of others) process.on('uncaughtException', other);
    expect(warnings).toEqual(['A listener for "answer" threw: broken listener']);
    expect(uncaught).toEqual([failure]);
  });

  it('ends with an answer at its limit of steps, tools still sent but not to be used', async () => {
    const model = fakeModel(
      { calls: [['add', { a: 1, b: 1 }]] },
      { calls: [['add', { a: 1, b: 1 }]] },
      { text: 'so far 2' },
    );
    const result = await new Agent({ model, tools: [add], limits: [limit.steps(2)] }).run('go');
    expect(result).toMatchObject({
      text: 'so far 2',
      stopReason: 'limit',
      limit: { name: 'steps', used: 2, max: 2 },
    });
    expect(model.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'none']);
    expect(model.requests[2]?.tools).toHaveLength(1);
  });

  it('runs no call that a model makes although it is at its limit', async () => {
    const calls = [['add', { a: 1, b: 1 }]] as const;
    const model = fakeModel({ calls }, { calls });
    const result = await new Agent({ model, tools: [add], limits: [limit.steps(1)] }).run('go');
    expect(result.stopReason).toBe('limit');
    expect(result.messages.at(-1)?.content).toMatch(/limit of 1 steps/);
  });

  it('stops or throws at a limit where that is wanted', async () => {
    const calls = [['add', { a: 1, b: 1 }]] as const;
    const agent = new Agent({ model: fakeModel({ calls }, { calls }), tools: [add] });
    const stopped = await agent.run('go', { limits: [limit.steps(1, { atLimit: 'stop' })] });
    expect(stopped).toMatchObject({ stopReason: 'limit', steps: 1, text: '' });
    await expect(
      agent.run('go', { limits: [limit.steps(1, { atLimit: 'throw' })] }),
    ).rejects.toMatchObject({ code: 'limit_reached' });
  });

  it('asks again when an answer breaks off, and says that what it showed is void', async () => {
    const broken = new ModelError('connection', 'The connection broke.', { retryable: true });
    let ran = 0;
    const write = tool({
      name: 'write',
      description: 'Writes.',
      inputSchema: z.object({}),
      execute: () => void ran++,
    });
    const model = fakeModel(
      { parts: [{ type: 'text', delta: 'Hal' }, callPart(0, 'write', {}), broken] },
      { parts: [{ type: 'text', delta: 'Hallo' }] },
      { text: 'Hallo' },
    );
    const run = new Agent({ model, tools: [write] }).stream('hi');
    const events = await eventsOf(run);
    expect(events.filter(({ type }) => type === 'step.retry')).toMatchObject([
      { step: 1, attempt: 1, reason: 'The connection broke.' },
      { step: 1, attempt: 2, reason: 'The answer broke off before its end.' },
    ]);
    expect((await run.result).text).toBe('Hallo');
    expect(run.messages).toHaveLength(2);
    expect(ran).toBe(0);
  });

  it('gives up after three broken answers, with the conversation still valid', async () => {
    const broken = new ModelError('connection', 'The connection broke.', { retryable: true });
    const parts = [{ type: 'text' as const, delta: 'H' }, broken];
    const run = new Agent({ model: fakeModel({ parts }, { parts }, { parts }) }).stream('hi');
    await expect(run.result).rejects.toBe(broken);
    expect(run.messages).toEqual([{ role: 'user', content: 'hi' }]);
  });

  it('leaves it to the transport to ask again before the first part', async () => {
    const down = new ModelError('overloaded', 'No room.', { retryable: true });
    const model = fakeModel({ parts: [down] });
    await expect(new Agent({ model }).run('hi')).rejects.toBe(down);
    expect(model.requests).toHaveLength(1);
  });

  it('asks again when an answer may be cut short, and takes it when it is so every time', async () => {
    const unsure = (text: string) => ({
      parts: [
        { type: 'text' as const, delta: text },
        { type: 'finish' as const, reason: 'stop' as const, unsure: true as const },
      ],
    });
    const once = fakeModel(unsure('Hal'), { text: 'Hallo' });
    expect((await new Agent({ model: once }).run('hi')).text).toBe('Hallo');
    const always = fakeModel(unsure('a'), unsure('b'), unsure('c'));
    expect((await new Agent({ model: always }).run('hi')).text).toBe('c');
  });

  it('asks again when an answer is empty', async () => {
    const model = fakeModel({ reasoning: 'hm' }, { text: 'hi' });
    expect((await new Agent({ model }).run('hi')).text).toBe('hi');
  });
});

describe('an iteration', () => {
  const silent = () => fakeModel({ parts: [never] });

  it('that is left while it waits for an event ends, and the run with it', async () => {
    const run = new Agent({ model: silent() }).stream('go');
    const events = run[Symbol.asyncIterator]();
    while ((await events.next()).value?.type !== 'step.start');
    const waiting = events.next();
    expect(await events.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect(run.result).rejects.toThrow('The run was left before its end.');
  });

  it('that is left before its first event aborts the run', async () => {
    const run = new Agent({ model: silent() }).stream('go');
    const events = run[Symbol.asyncIterator]();
    await events.return?.();
    await expect(run.result).rejects.toThrow('The run was left before its end.');
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a handle that nobody awaits', () => {
  it('tells its failure to who listens to its end, and is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const heard: unknown[] = [];
    const run = new CoreAgent({ model: fakeModel({ parts: [never] }) }).stream('go');
    run.on('run.end', ({ error }) => heard.push(error?.message));
    setTimeout(() => run.abort(new Error('enough')), 5);
    await sleep(50);
    process.off('unhandledRejection', note);
    expect([heard, unhandled]).toEqual([['enough'], []]);
  });
});

describe('what cannot be taken', () => {
  const agent = new CoreAgent({ model: fakeModel() });
  const given = (value: unknown) => value as never;

  it.each([[undefined], [{}], ['a']])('is refused in words: resume(%j)', (from) => {
    expect(() => agent.resume(given(from))).toThrow(/Pass a session, or result\.suspended/);
  });

  it('is refused in words: a session that is none', async () => {
    const asked = agent.run('go', { session: given('a') });
    await expect(asked).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/^session is a, but it must be a session/) as string,
    });
  });

  it('is refused in words: a bound without its unit', () => {
    expect(() => limit.cost(given(0.5))).toThrow(/Write limit\.cost\(\{ usd: 0\.5 \}\)/);
    expect(() => limit.time(given(60_000))).toThrow(/Write limit\.time\(\{ ms: 60_000 \}\)/);
  });
});

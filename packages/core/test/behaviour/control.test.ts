import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { compact, limit, ModelError, tool } from '../../src/index.ts';
import type { Limit, Message, ModelPart, Usage } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { callPart, fakeModel, finished } from '../support/model.ts';
import type { Answer } from '../support/model.ts';
import { anyTool, eventsOf, never } from '../support/tools.ts';

const echo = tool({
  name: 'echo',
  description: 'Says the same.',
  inputSchema: z.object({ say: z.string().default('') }),
  effect: 'read',
  execute: ({ say }) => say,
});

const calls = (say: string) => [['echo', { say }]] as const;

const usage = { inputTokens: 60, cachedTokens: 0, outputTokens: 40, reasoningTokens: 0 };

describe('limits', () => {
  const again: Answer = { calls: calls('x'), usage: { ...usage, costUsd: 0.1 } };

  it.each([
    ['tokens', limit.tokens(150)],
    ['cost', limit.cost({ usd: 0.15 })],
    ['calls', limit.calls(2)],
    ['calls of echo', limit.calls(2, { name: 'echo' })],
  ])('ends with an answer at a limit of %s', async (name, bound) => {
    const model = fakeModel(again, again, { text: 'enough' });
    const result = await new Agent({ model, tools: [echo], limits: [bound] }).run('go');
    expect(result).toMatchObject({ text: 'enough', stopReason: 'limit', limit: { name } });
  });

  it('warns once when four fifths of a limit are used', async () => {
    const model = fakeModel(...Array.from({ length: 5 }, (_, at) => ({ calls: calls(`${at}`) })), {
      text: 'ok',
    });
    const agent = new Agent({ model, tools: [echo], limits: [limit.steps(5)] });
    const near = (await eventsOf(agent.stream('go'))).filter(({ type }) => type === 'limit.near');
    expect(near).toMatchObject([{ step: 5, limit: { name: 'steps', used: 4, max: 5 } }]);
  });

  it('takes limits of the host’s own', async () => {
    const model = fakeModel({ calls: calls('x') }, { text: 'ok' });
    const own: Limit = {
      atLimit: 'answer',
      read: ({ calls: made }) => ({ name: 'mine', used: made.size, max: 1 }),
    };
    const result = await new Agent({ model, tools: [echo], limits: [own] }).run('go');
    expect(result.limit).toEqual({ name: 'mine', used: 1, max: 1 });
  });

  it('cuts off an answer when the time is up, and asks for a last one', async () => {
    const model = fakeModel(
      { parts: [{ type: 'text', delta: 'slow…' }, never] },
      { text: 'in time' },
    );
    const agent = new Agent({ model, limits: [limit.time({ ms: 30 })] });
    const result = await agent.run('go');
    expect(result).toMatchObject({ text: 'in time', stopReason: 'limit' });
    expect(model.requests.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'none']);
  });

  it('cuts off a call when the time is up', async () => {
    const deaf = tool({
      name: 'deaf',
      description: 'Never ends.',
      inputSchema: z.object({}),
      execute: () => never,
    });
    const model = fakeModel({ calls: [['deaf', {}]] }, { text: 'in time' });
    const agent = new Agent({ model, tools: [deaf], limits: [limit.time({ ms: 30 })] });
    const result = await agent.run('go');
    expect(result).toMatchObject({ text: 'in time', stopReason: 'limit' });
    expect(result.messages[2]?.content).toMatch(/did not answer within/);
  });

  it.each([
    ['a read', { effect: 'read' as const }],
    [
      'a read of a tool that runs one call at a time',
      { effect: 'read' as const, maxParallelCalls: 1 },
    ],
    ['a write of a tool that runs one call at a time', { maxParallelCalls: 1, locks: () => [] }],
  ])('cuts off %s when the time is up, and those that wait behind it', async (_, options) => {
    const deaf = tool({
      name: 'deaf',
      description: 'Never ends.',
      inputSchema: z.object({ n: z.number() }),
      execute: () => never,
      ...options,
    });
    const calls = [['deaf', { n: 1 }] as const, ['deaf', { n: 2 }] as const];
    const agent = new Agent({
      model: fakeModel({ calls }, { text: 'in time' }),
      tools: [deaf],
      limits: [limit.time({ ms: 300 })],
    });
    const { text, calls: made } = await agent.run('go');
    expect(text).toBe('in time');
    expect(made.map(({ outcome }) => outcome)).toEqual(['timeout', 'timeout']);
  });

  it('cuts off a call that waits for one of another run when the time is up', async () => {
    const deaf = tool({
      name: 'deaf',
      description: 'Never ends.',
      inputSchema: z.object({}),
      execute: () => never,
    });
    const calls = [['deaf', {}] as const];
    const model = fakeModel({ calls }, { calls }, { text: 'in time' });
    const agent = new Agent({ model, tools: [deaf], maxParallelCalls: 1 });
    const other = agent.stream('go');
    await new Promise<void>((resolve) => other.on('call.start', () => resolve()));
    const result = await agent.run('go', { limits: [limit.time({ ms: 300 })] });
    expect(result.calls).toMatchObject([{ outcome: 'timeout' }]);
    expect(result.text).toBe('in time');
    other.abort('enough');
    await expect(other.result).rejects.toBe('enough');
  });

  it('begins no call when the time is up while it waits for its turn', async () => {
    const did: string[] = [];
    const write = (name: string) =>
      tool({
        name,
        description: 'Writes.',
        inputSchema: z.object({}),
        execute: () => (did.push(name), name === 'first' ? never : name),
      });
    const calls = [['first', {}] as const, ['second', {}] as const];
    const agent = new Agent({
      model: fakeModel({ calls }, { text: 'in time' }),
      tools: [write('first'), write('second')],
      limits: [limit.time({ ms: 300 })],
    });
    const result = await agent.run('go');
    expect(did).toEqual(['first']);
    expect(result.messages[3]?.content).toMatch(/time was up before it could begin/);
    expect(result.text).toBe('in time');
  });

  it.each(['a listener', 'a decide function'])(
    'waits no longer for a person whom %s asks when the time is up; a late yes runs nothing',
    async (asking) => {
      let ran = 0;
      const wipe = anyTool('wipe', 'destructive', () => void ran++);
      const model = fakeModel({ calls: [['wipe', {}]] }, { text: 'in time' });
      const agent = new Agent({ model, tools: [wipe], limits: [limit.time({ ms: 300 })] });
      const run = agent.stream('go', asking === 'a listener' ? {} : { decide: () => never });
      if (asking === 'a listener') run.on('call.pending', () => {});
      const result = await run.result;
      expect(result.stopReason).toBe('suspended');
      const [waiting] = result.pending;
      expect(() => run.decide(waiting?.id ?? '', { approve: true })).toThrow(/No call waits/);
      if (result.suspended === undefined) return; // recorded in a session
      const decisions = [{ id: waiting?.id ?? '', approve: true as const }];
      const resumed = await agent.resume(result.suspended, { decisions }).result;
      expect(resumed).toMatchObject({ text: 'in time', stopReason: 'limit' });
      expect(resumed.messages[2]?.content).toMatch(/time was up before it could begin/);
      expect(ran).toBe(0);
    },
  );

  it('stops or throws when the time is up, where that is wanted', async () => {
    const parts = [{ type: 'text' as const, delta: 'slow…' }, never];
    const agent = new Agent({ model: fakeModel({ parts }, { parts }) });
    const stop = [limit.time({ ms: 20 }, { atLimit: 'stop' })];
    expect(await agent.run('go', { limits: stop })).toMatchObject({
      stopReason: 'limit',
      limit: { name: 'milliseconds' },
    });
    const raise = [limit.time({ ms: 20 }, { atLimit: 'throw' })];
    await expect(agent.run('go', { limits: raise })).rejects.toMatchObject({
      code: 'limit_reached',
    });
  });

  it.each([0, -1, Number.NaN, '5' as unknown as number])('refuses the bound %s', (max) => {
    expect(() => limit.steps(max)).toThrow(/limit "steps" is/);
  });
});

describe('a host that counts no tokens', () => {
  const answers = Array.from({ length: 20 }, () => ({ text: 'x'.repeat(300), calls: calls('x') }));

  it.each([
    ['tokens', limit.tokens(2_000)],
    ['cost', limit.cost({ usd: 0.01 })],
  ])('is bounded by an estimate of %s, which says so, once', async (name, bound) => {
    const model = {
      ...fakeModel(...answers),
      costOf: ({ outputTokens }: Usage) => outputTokens / 50_000,
    };
    const run = new Agent({ model, tools: [echo], limits: [bound] }).stream('go');
    const warnings: string[] = [];
    run.on('warning', ({ message }) => warnings.push(message));
    const result = await run.result;
    expect(result).toMatchObject({ stopReason: 'limit', limit: { name } });
    expect(result.usage.estimated).toBe(true);
    expect(result.steps).toBeLessThan(15);
    expect(warnings).toEqual([expect.stringMatching(/^The endpoint did not count .* an estimate/)]);
  });

  it('is warned of where the cost is limited and no price is known', async () => {
    const model = fakeModel(...answers.slice(0, 2).map((one) => ({ ...one, usage })), {
      text: 'ok',
      usage,
    });
    const run = new Agent({ model, tools: [echo], limits: [limit.cost({ usd: 1 })] }).stream('go');
    const warnings: string[] = [];
    run.on('warning', ({ message }) => warnings.push(message));
    await run.result;
    expect(warnings).toEqual(['limit.cost cannot count: no price of the model fake is known.']);
  });

  it('has an estimate in its usage, never nothing', async () => {
    const { usage: known } = await new Agent({ model: fakeModel({ text: 'x'.repeat(300) }) }).run(
      'go',
    );
    expect(known).toMatchObject({ estimated: true });
    expect(known.outputTokens).toBeGreaterThan(99);
    const counted = await new Agent({ model: fakeModel({ text: 'x', usage }) }).run('go');
    expect(counted.usage).toEqual(usage);
  });
});

describe('the default limits', () => {
  it('hold a model that reads the same thing again and again', async () => {
    const model = fakeModel(...Array.from({ length: 5 }, () => ({ calls: calls('x') })), {
      text: 'enough',
    });
    expect(await new Agent({ model, tools: [echo] }).run('go')).toMatchObject({
      stopReason: 'limit',
      limit: { name: 'repeats', used: 5 },
      text: 'enough',
    });
  });
});

describe('the repeat guard', () => {
  it('notes, notes firmly, then forces an answer', async () => {
    const model = fakeModel(...Array.from({ length: 5 }, () => ({ calls: calls('x') })), {
      text: 'I give up',
    });
    const agent = new Agent({ model, tools: [echo], limits: [limit.repeats()] });
    const result = await agent.run('go');
    const notes = result.messages.filter(({ role }) => role === 'user').slice(1);
    expect(notes.map(({ content }) => content)).toEqual([
      expect.stringMatching(/^You have made the same call of echo 3 times/),
      expect.stringMatching(/^Again the same call of echo, for the 4th time/),
    ]);
    expect(result).toMatchObject({ stopReason: 'limit', limit: { name: 'repeats', used: 5 } });
  });

  it.each([
    [2, '2nd'],
    [3, '3rd'],
    [11, '11th'],
    [21, '21st'],
  ])('counts as people do: warned at %d', async (warn, ordinal) => {
    const model = fakeModel(...Array.from({ length: warn }, () => ({ calls: calls('x') })), {
      text: 'ok',
    });
    const limits = [limit.repeats({ warn, note: 40, max: 40 })];
    const { messages } = await new Agent({ model, tools: [echo], limits }).run('go');
    expect(messages.at(-2)?.content).toMatch(new RegExp(`for the ${ordinal} time[.]`));
  });

  it('knows a call again however its keys are ordered, and not when its result differs', async () => {
    let count = 0;
    const poll = tool({
      name: 'poll',
      description: 'Counts.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      execute: ({ a }) => (a === 1 ? 'same' : ++count),
    });
    const answers = ['{"a":1,"b":2}', '{"b":2,"a":1}', '{ "a":1, "b":2 }'].map((text) => ({
      calls: [['poll', text] as const],
    }));
    const other = { calls: [['poll', { a: 2, b: 2 }] as const] };
    const limits = [limit.repeats({ max: 3 })];
    const tools = [poll];
    const same = fakeModel(...answers, { text: 'done' });
    expect((await new Agent({ model: same, tools, limits }).run('go')).stopReason).toBe('limit');
    const differs = fakeModel(other, other, other, { text: 'done' });
    expect((await new Agent({ model: differs, tools, limits }).run('go')).stopReason).toBe(
      'answer',
    );
  });

  it('cuts thinking without end, and asks again without thinking', async () => {
    const model = fakeModel(
      { parts: [{ type: 'reasoning', delta: 'so… '.repeat(100) }, never] },
      { text: 'ok', usage },
    );
    const limits = [limit.repeats({ reasoningChars: 100 })];
    const result = await new Agent({ model, limits }).run('go');
    expect(result.text).toBe('ok');
    expect(model.requests.map(({ thinking }) => thinking)).toEqual([undefined, false]);
  });

  it('asks again without thinking when thinking has used up the tokens', async () => {
    const model = fakeModel({ reasoning: 'long', finish: 'length' }, { text: 'ok' });
    expect((await new Agent({ model }).run('go')).text).toBe('ok');
    expect(model.requests[1]?.thinking).toBe(false);
  });

  it('runs identical reads of one step once', async () => {
    let ran = 0;
    const count = tool({
      name: 'count',
      description: 'Counts.',
      inputSchema: z.object({}),
      effect: 'read',
      execute: () => ++ran,
    });
    const model = fakeModel(
      {
        calls: [
          ['count', {}],
          ['count', ' { } '],
        ],
      },
      { text: 'ok' },
    );
    const { messages } = await new Agent({ model, tools: [count] }).run('go');
    expect(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      '1',
      '1',
    ]);
  });
});

describe('recovery', () => {
  it('counts the tokens of an answer that broke off', async () => {
    const usage = { inputTokens: 5, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 };
    const broken = new ModelError('connection', 'Gone.', { retryable: true });
    const model = fakeModel({ parts: [{ type: 'usage', usage }, broken] }, { text: 'ok', usage });
    expect((await new Agent({ model }).run('go')).usage.inputTokens).toBe(10);
  });

  it('waits as long as the endpoint asks', async () => {
    const broken = new ModelError('overloaded', 'Full.', { retryable: true, retryAfterMs: 30 });
    const model = fakeModel({ parts: [{ type: 'text', delta: 'H' }, broken] }, { text: 'ok' });
    const from = performance.now();
    await new Agent({ model }).run('go');
    expect(performance.now() - from).toBeGreaterThanOrEqual(29);
  });

  it('does not wait for an endpoint that asks for too long', async () => {
    const busy = new ModelError('rate_limit', 'Tomorrow.', {
      retryable: true,
      retryAfterMs: 86_400_000,
    });
    const model = fakeModel({ parts: [{ type: 'text', delta: 'H' }, busy] });
    await expect(new Agent({ model }).run('go')).rejects.toBe(busy);
  });

  it('never runs the call at which an answer was cut, and tells the model', async () => {
    const ran: string[] = [];
    const note = tool({
      name: 'note',
      description: 'Notes.',
      inputSchema: z.object({ say: z.string() }),
      execute: ({ say }) => void ran.push(say),
    });
    const parts: readonly ModelPart[] = [
      callPart(0, 'echo', { say: 'a' }),
      callPart(1, 'note', { say: 'b' }),
      callPart(2, 'echo', { say: 'c' }),
      { type: 'finish', reason: 'length' },
    ];
    const model = fakeModel({ parts }, { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [echo, note] }).run('go');
    expect(messages.slice(2, 5).map(({ content }) => content)).toEqual([
      'a',
      expect.stringMatching(/cut at its token limit/),
      expect.stringMatching(/cut at its token limit/),
    ]);
    expect(ran).toEqual([]);
  });

  it('tells how long an answer took and how fast it was', async () => {
    const usage = { inputTokens: 5, cachedTokens: 0, outputTokens: 10, reasoningTokens: 0 };
    const wait = new Promise((resolve) => setTimeout(resolve, 20));
    const parts = [
      { type: 'text' as const, delta: 'a' },
      wait,
      { type: 'usage' as const, usage },
      { type: 'finish' as const, reason: 'stop' as const },
    ];
    const events = await eventsOf(new Agent({ model: fakeModel({ parts }) }).stream('go'));
    const answer = events.find((event) => event.type === 'answer');
    expect(answer?.timing.totalMs).toBeGreaterThanOrEqual(answer?.timing.firstPartMs ?? 99);
    expect(answer?.timing.tokensPerSecond).toBeGreaterThan(0);
  });
});

describe('steering', () => {
  it('is heard with the next step, calls under way are not lost', async () => {
    const model = fakeModel({ calls: calls('x') }, { text: 'ok' });
    const run = new Agent({ model, tools: [echo] }).stream('go');
    run.on('call.start', () => run.steer('Be quick.'));
    const { messages } = await run.result;
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'go'],
      ['assistant', undefined],
      ['tool', 'x'],
      ['user', 'Be quick.'],
      ['assistant', 'ok'],
    ]);
  });

  it('goes on with a follow-up once the model has answered', async () => {
    const model = fakeModel({ text: 'one' }, { text: 'two' }, { text: 'three' });
    const run = new Agent({ model }).stream('go');
    run.followUp('more').followUp('and more');
    const result = await run.result;
    expect(result.text).toBe('three');
    expect(result.messages.map(({ content }) => content)).toEqual([
      'go',
      'one',
      'more',
      'two',
      'and more',
      'three',
    ]);
  });

  it('throws when the run has ended, and warns of what was not heard', async () => {
    const model = fakeModel({ calls: calls('x') }, { text: 'last' });
    const run = new Agent({ model, tools: [echo], limits: [limit.steps(1)] }).stream('go');
    run.followUp('too late');
    const warnings = (await eventsOf(run)).filter(({ type }) => type === 'warning');
    expect(warnings).toMatchObject([{ message: expect.stringMatching(/"too late"/) }]);
    expect(() => run.steer('hello?')).toThrow(/already_ended|has ended/);
    expect(() => run.steer(' ')).toThrow(/without a text/);
  });
});

describe('prepareStep', () => {
  it('chooses what the model sees and may do, for one step', async () => {
    const model = fakeModel({ calls: calls('x') }, { text: 'not used' });
    const other = fakeModel({ text: 'from the other' });
    const other2 = tool({
      name: 'other',
      description: 'Other.',
      inputSchema: z.object({}),
      execute: () => 1,
    });
    const agent = new Agent({
      model,
      tools: [echo, other2],
      parameters: { a: 1, b: 1 },
      prepareStep: ({ step, messages, tools, spent }) => {
        expect(tools).toEqual(['echo', 'other']);
        if (step === 1) {
          return {
            tools: ['echo'],
            toolChoice: { name: 'echo' },
            thinking: false,
            parameters: { b: 2 },
          };
        }
        expect(spent.calls.get('echo')).toBe(1);
        return { model: other, messages: messages.slice(-2), thinking: true };
      },
    });
    const result = await agent.run('go');
    expect(result.text).toBe('from the other');
    expect(model.requests[0]).toMatchObject({
      tools: [{ name: 'echo' }],
      toolChoice: { name: 'echo' },
      thinking: false,
      parameters: { a: 1, b: 2 },
    });
    expect(other.requests[0]).toMatchObject({ thinking: true, parameters: { a: 1, b: 1 } });
    expect(other.requests[0]?.messages).toHaveLength(2);
    expect(result.messages).toHaveLength(4);
  });

  it('refuses a choice of a tool that is not there', async () => {
    const agent = new Agent({
      model: fakeModel({ text: 'x' }),
      tools: [echo],
      prepareStep: () => ({ tools: ['ehco'] }),
    });
    await expect(agent.run('go')).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/"ehco" for step 1; the tools are: echo/),
    });
  });
});

describe('a structured answer', () => {
  const output = z.object({ city: z.string(), degrees: z.string().transform(Number) });
  const good = { city: 'Oslo', degrees: '7' };

  it('is typed, checked and transformed', async () => {
    const model = fakeModel({ calls: [['final_answer', good]] });
    const result = await new Agent({ model, output }).run('How warm?');
    const degrees: number | undefined = result.output?.degrees;
    expect(degrees).toBe(7);
    expect(result).toMatchObject({ stopReason: 'answer', output: { city: 'Oslo', degrees: 7 } });
    expect(model.requests[0]?.messages[0]?.content).toMatch(/calling final_answer/);
  });

  it('is mended when the model is told what is wrong', async () => {
    const model = fakeModel(
      { calls: [['final_answer', { city: 'Oslo' }]] },
      { text: 'It is 7 degrees.' },
      { text: '```json\n{"city":"Oslo","degrees":"7"}\n```' },
    );
    const result = await new Agent({ model, output }).run('How warm?');
    expect(result.output).toEqual({ city: 'Oslo', degrees: 7 });
    const asked = result.messages.map(({ content }) => content);
    expect(asked[2]).toMatch(/- degrees: /);
    expect(asked[4]).toMatch(/calling final_answer/);
  });

  it('fails once the model was told three times, and says so', async () => {
    const bad: Answer = { calls: [['final_answer', { city: 1 }]] };
    const model = fakeModel(bad, { text: '{}' }, bad, bad);
    const error = {
      code: 'invalid_output',
      message: expect.stringMatching(/It was told 3 times what to correct/) as string,
    };
    await expect(new Agent({ model, output }).run('How warm?')).rejects.toMatchObject(error);
    expect(model.requests).toHaveLength(4);
    const patient = fakeModel(bad, bad, bad, { calls: [['final_answer', good]] });
    expect((await new Agent({ model: patient, output }).run('How warm?')).output).toBeDefined();
  });

  it('is forced at a limit', async () => {
    const model = fakeModel({ calls: calls('x') }, { calls: [['final_answer', good]] });
    const agent = new Agent({ model, output, tools: [echo], limits: [limit.steps(1)] });
    const result = await agent.run('How warm?');
    expect(result).toMatchObject({ stopReason: 'limit', output: { degrees: 7 } });
    expect(model.requests[1]?.toolChoice).toEqual({ name: 'final_answer' });
  });

  it('is told while it is written, as far as it goes', async () => {
    const [a, b] = ['{"city":"Os', 'lo","degrees":"7"}'];
    const first = callPart(0, 'final_answer', a);
    const parts = [first, { ...first, delta: b ?? '' }, finished];
    const run = new Agent({ model: fakeModel({ parts }), output }).stream('How warm?');
    const partial: unknown[] = [];
    run.on('output.partial', (event) => partial.push(event.output));
    await run.result;
    expect(partial).toEqual([{ city: 'Os' }, good]);
  });
});

describe('history in bounds', () => {
  const usage = { inputTokens: 60, cachedTokens: 0, outputTokens: 40, reasoningTokens: 0 };
  const long = 'x'.repeat(3_000);
  const history: readonly Message[] = [1, 2, 3, 4, 5].flatMap((at): readonly Message[] => [
    { role: 'user', content: `question ${at}` },
    {
      role: 'assistant',
      reasoning_content: `thought ${at}`,
      tool_calls: [
        { id: `echo:${at}`, type: 'function', function: { name: 'echo', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: `echo:${at}`, content: long },
  ]);

  it('drops old tool results when the endpoint says the conversation is too long', async () => {
    const overflow = new ModelError('context_overflow', 'Too long.', { status: 400 });
    const model = fakeModel({ parts: [overflow] }, { text: 'ok' });
    const run = new Agent({ model }).stream('go', { history });
    const compacted = (await eventsOf(run)).filter(({ type }) => type === 'history.compacted');
    expect(compacted).toMatchObject([{ note: 'dropped the text of 2 old tool results' }]);
    const sent = model.requests[1]?.messages ?? [];
    expect(sent).toHaveLength(history.length + 1);
    expect(sent.filter(({ content }) => content === long)).toHaveLength(3);
    expect(sent.filter(({ role }) => role === 'assistant')).toEqual(
      history.filter(({ role }) => role === 'assistant'),
    );
    expect(run.messages).toEqual([...sent, { role: 'assistant', content: 'ok' }]);
  });

  it('does so before sending where a threshold is set', async () => {
    const model = fakeModel({ text: 'ok' });
    const compaction = { atTokens: 2_000, shorten: compact.dropToolResults({ keep: 1 }) };
    await new Agent({ model, compaction }).run('go', { history });
    expect(model.requests[0]?.messages.filter(({ content }) => content === long)).toHaveLength(1);
  });

  it('has a model summarise what is old', async () => {
    const writer = fakeModel({ text: 'Four questions were asked.', usage });
    const model = fakeModel({ text: 'ok', usage: { ...usage, inputTokens: 0, outputTokens: 0 } });
    const shorten = compact.summarise({ keep: 2, model: writer });
    const agent = new Agent({
      model,
      instructions: 'Be brief.',
      compaction: { atTokens: 100, shorten },
    });
    expect(await agent.run('go', { history })).toMatchObject({
      usage: { inputTokens: 60, outputTokens: 40 },
    });
    const sent = model.requests[0]?.messages ?? [];
    expect(sent.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'user',
      'assistant',
      'tool',
      'user',
    ]);
    expect(sent[1]?.content).toMatch(/Four questions were asked\.$/);
    expect(writer.requests[0]?.messages[0]?.content).toMatch(/question 1/);
  });

  it.each<[string, Answer]>([
    ['is cut', { text: 'Four questions w', finish: 'length', usage }],
    ['is empty', { reasoning: 'Hm.', usage }],
  ])('keeps what is old where the summary %s, but for long results', async (_how, summary) => {
    const writer = fakeModel(summary, summary);
    const model = fakeModel({ text: 'ok', usage: { ...usage, inputTokens: 0, outputTokens: 0 } });
    const compaction = { atTokens: 100, shorten: compact.summarise({ keep: 2, model: writer }) };
    const run = new Agent({ model, compaction }).stream('go', { history });
    const compacted = (await eventsOf(run)).filter(({ type }) => type === 'history.compacted');
    const note = 'no whole summary came; dropped the text of 3 old tool results';
    expect(compacted).toMatchObject([{ note, usage: { inputTokens: 120, outputTokens: 80 } }]);
    expect(model.requests[0]?.messages).toHaveLength(history.length + 1);
    expect(writer.requests[0]?.thinking).toBe(false);
    expect((await run.result).usage).toMatchObject({ inputTokens: 120 });
  });

  it.each<[string, Error]>([
    [
      'is too long for the model as well',
      new ModelError('context_overflow', 'Too long.', { status: 400 }),
    ],
    ['is filtered', new ModelError('content_filter', 'Not this.', { status: 400 })],
    ['fails', new ModelError('server', 'Broken.', { status: 500 })],
    ['fails in a way of its own', new TypeError('not a function')],
  ])('drops long results where the question for a summary %s', async (_how, error) => {
    const writer = fakeModel({ parts: [error] });
    const model = fakeModel({ text: 'ok' });
    const compaction = { atTokens: 100, shorten: compact.summarise({ keep: 2, model: writer }) };
    const run = new Agent({ model, compaction }).stream('go', { history });
    const compacted = (await eventsOf(run)).filter(({ type }) => type === 'history.compacted');
    const note = `the summary failed (${error.message}); dropped the text of 3 old tool results`;
    expect(compacted).toMatchObject([{ note }]);
    expect((await run.result).text).toBe('ok');
  });

  it('takes a summary of a host that never says that it is whole, the second time', async () => {
    const unsure: Answer = {
      parts: [
        { type: 'text', delta: 'Four questions were asked.' },
        { type: 'finish', reason: 'stop', unsure: true },
      ],
    };
    const writer = fakeModel(unsure, unsure);
    const model = fakeModel({ text: 'ok' });
    const compaction = { atTokens: 100, shorten: compact.summarise({ keep: 2, model: writer }) };
    await new Agent({ model, compaction }).run('go', { history });
    expect(model.requests[0]?.messages[0]?.content).toMatch(/Four questions were asked\.$/);
  });

  it('fails with the endpoint’s own error when nothing can be made shorter', async () => {
    const overflow = new ModelError('context_overflow', 'Too long.', { status: 400 });
    const agent = new Agent({ model: fakeModel({ parts: [overflow] }, { parts: [overflow] }) });
    await expect(agent.run('go')).rejects.toBe(overflow);
    await expect(agent.run('go', { history })).rejects.toThrow();
  });

  it('refuses a strategy that tears calls and results apart', async () => {
    const shorten = async (messages: readonly Message[]) => ({
      messages: messages.slice(2),
      note: 'cut',
    });
    const agent = new Agent({ model: fakeModel(), compaction: { atTokens: 1, shorten } });
    await expect(agent.run('go', { history })).rejects.toMatchObject({ code: 'invalid_option' });
  });
});

describe('agents inside agents', () => {
  const usage = { inputTokens: 10, cachedTokens: 0, outputTokens: 5, reasoningTokens: 0 };

  it('run as a tool: answer, events and usage reach the outer run', async () => {
    const inner = new Agent({
      name: 'inner',
      model: fakeModel({ calls: calls('x'), usage }, { text: 'inner answer', usage }),
      tools: [echo],
    });
    const helper = inner.asTool({ name: 'helper', description: 'Helps.' });
    const model = fakeModel(
      { calls: [['helper', { task: 'help' }]], usage },
      { text: 'ok', usage },
    );
    const run = new Agent({ model, tools: [helper] }).stream('go');
    const events = await eventsOf(run);
    const result = await run.result;
    expect(result.messages[2]?.content).toBe('inner answer');
    expect(result.usage.inputTokens).toBe(40);
    const nested = events.flatMap((event) => (event.type === 'call.event' ? [event] : []));
    expect(nested.map(({ event }) => event.type)).toContain('run.end');
    expect(nested.every(({ callId }) => callId === 'helper:0')).toBe(true);
    expect(nested[0]?.event.runId).toBe(`${run.id}/1/call/1`);
    const shown = nested.flatMap(({ event }) => (event.type === 'text.delta' ? [event.delta] : []));
    expect(shown).toEqual(['inner answer']);
  });

  it('cost a slow reader no memory: their pieces are joined as well', async () => {
    const word = { type: 'text' as const, delta: 'word ' };
    const parts = [
      ...Array.from({ length: 200 }, () => word),
      { ...finished, reason: 'stop' as const },
    ];
    const inner = new Agent({ model: fakeModel({ parts }) });
    const helper = inner.asTool({ name: 'helper', description: 'Helps.' });
    const model = fakeModel({ calls: [['helper', { task: 'help' }]] }, { text: 'ok' });
    const run = new Agent({ model, tools: [helper] }).stream('go');
    await run.result;
    const shown = (await eventsOf(run)).flatMap((event) =>
      event.type === 'call.event' && event.event.type === 'text.delta' ? [event.event.delta] : [],
    );
    expect(shown).toEqual(['word '.repeat(200)]);
  });

  it('is aborted with the outer run', async () => {
    let reason: unknown;
    const inner = new Agent({
      model: {
        id: 'deaf',
        async *stream(_request, signal) {
          signal.addEventListener('abort', () => (reason = signal.reason));
          await never;
          yield [];
        },
      },
    });
    const tools = [inner.asTool({ name: 'helper', description: 'Helps.' })];
    const model = fakeModel({ calls: [['helper', { task: 'help' }]] });
    const run = new Agent({ model, tools }).stream('go');
    run.on('call.event', () => setTimeout(() => run.abort('enough'), 5));
    await expect(run.result).rejects.toBe('enough');
    expect(reason).toBe('enough');
    expect(run.messages.at(-1)?.role).toBe('tool');
  });

  it('waits for a person on behalf of the inner run, and resumes it where it was', async () => {
    const done: string[] = [];
    const wipe = tool({
      name: 'wipe',
      description: 'Wipes.',
      inputSchema: z.object({ what: z.string() }),
      effect: 'destructive',
      execute: ({ what }) => void done.push(what),
    });
    const note = tool({
      name: 'note',
      description: 'Notes.',
      inputSchema: z.object({}),
      execute: () => void done.push('note'),
    });
    const inner = new Agent({
      model: fakeModel(
        { calls: [['note', {}]] },
        { calls: [['wipe', { what: 'disk' }]] },
        { text: 'wiped' },
      ),
      tools: [wipe, note],
    });
    const tools = [inner.asTool({ name: 'helper', description: 'Helps.' })];
    const model = fakeModel({ calls: [['helper', { task: 'help' }]] }, { text: 'ok' });
    const agent = new Agent({ model, tools });
    const result = await agent.run('go');
    expect(result.stopReason).toBe('suspended');
    expect(result.pending).toMatchObject([{ name: 'wipe', arguments: '{"what":"disk"}' }]);
    const suspended = JSON.parse(JSON.stringify(result.suspended));
    const decisions = result.pending.map(({ id }) => ({ id, approve: true as const }));
    const resumed = await agent.resume(suspended, { decisions }).result;
    expect(resumed).toMatchObject({ text: 'ok', stopReason: 'answer' });
    expect(resumed.messages[2]?.content).toBe('wiped');
    expect(done).toEqual(['note', 'disk']);
  });

  it('are stopped when the time of the outer run is up', async () => {
    const inner = new Agent({ model: fakeModel({ parts: [never] }) });
    const agent = new Agent({
      model: fakeModel({ calls: [['helper', { task: 'help' }]] }, { text: 'in time' }),
      tools: [inner.asTool({ name: 'helper', description: 'Helps.' })],
      limits: [limit.time({ ms: 300 })],
    });
    const result = await agent.run('go');
    expect(result).toMatchObject({ text: 'in time', calls: [{ outcome: 'timeout' }] });
  });

  it.each(['before', 'after'])(
    'are left behind when the time of the outer run is up though aroundCalls hangs %s them',
    async (when) => {
      const inner = new Agent({ model: fakeModel({ text: 'helped' }) });
      const agent = new Agent({
        model: fakeModel({ calls: [['helper', { task: 'help' }]] }, { text: 'in time' }),
        tools: [inner.asTool({ name: 'helper', description: 'Helps.' })],
        limits: [limit.time({ ms: 1_000 })],
      });
      agent.aroundCalls(async (_, next) => {
        if (when === 'after') await next();
        return never;
      });
      const result = await agent.run('go');
      expect(result).toMatchObject({ text: 'in time', calls: [{ outcome: 'timeout' }] });
    },
  );

  it.each(['scope.run', 'nested', 'a signal of its own'])(
    'are stopped when the time of their tool is up: %s',
    async (way) => {
      const reasons: unknown[] = [];
      const wait = tool({
        name: 'wait',
        description: 'Waits.',
        inputSchema: z.object({}),
        execute: (_, { signal }) => {
          signal.addEventListener('abort', () => reasons.push(signal.reason));
          return never;
        },
      });
      const inner = new Agent({ model: fakeModel({ calls: [['wait', {}]] }), tools: [wait] });
      const { signal } = new AbortController();
      const helper = tool({
        name: 'helper',
        description: 'Helps.',
        inputSchema: z.object({}),
        timeoutMs: 300,
        execute: async (_, { run, nested }) => {
          if (way === 'nested') return (await inner.run('help', { nested })).text;
          return (await run(inner, 'help', way === 'scope.run' ? {} : { signal })).text;
        },
      });
      const model = fakeModel({ calls: [['helper', {}]] }, { text: 'ok' });
      const result = await new Agent({ model, tools: [helper] }).run('go');
      expect(result).toMatchObject({ text: 'ok', calls: [{ outcome: 'timeout' }] });
      await expect.poll(() => reasons.length).toBe(1);
    },
  );

  it('are stopped by the tool that runs them, whose call goes on', async () => {
    const stop = new AbortController();
    const wait = anyTool('wait', 'read', () => {
      stop.abort('long enough');
      return never;
    });
    const inner = new Agent({ model: fakeModel({ calls: [['wait', {}]] }), tools: [wait] });
    const helper = tool({
      name: 'helper',
      description: 'Helps.',
      inputSchema: z.object({}),
      execute: (_, { run }) =>
        run(inner, 'help', { signal: stop.signal }).then(
          () => 'It was not stopped.',
          (reason) => `It was stopped: ${reason}.`,
        ),
    });
    const model = fakeModel({ calls: [['helper', {}]] }, { text: 'ok' });
    const result = await new Agent({ model, tools: [helper] }).run('go');
    const content = 'It was stopped: long enough.';
    expect(result).toMatchObject({ text: 'ok', calls: [{ outcome: 'ok', content }] });
  });

  it('leave no question behind where the time of their call is up', async () => {
    let ran = 0;
    const wipe = anyTool('wipe', 'destructive', () => void ran++);
    const inner = new Agent({ model: fakeModel({ calls: [['wipe', {}]] }), tools: [wipe] });
    const helper = tool({
      name: 'helper',
      description: 'Helps.',
      inputSchema: z.object({}),
      timeoutMs: 300,
      execute: async (_, scope) => (await scope.run(inner, 'help')).text,
    });
    const model = fakeModel({ calls: [['helper', {}]] }, { text: 'ok' });
    const run = new Agent({ model, tools: [helper] }).stream('go');
    let asked = '';
    run.on('call.pending', ({ id }) => void (asked = id));
    const late: unknown[] = [];
    run.on('call.end', () => {
      try {
        run.decide(asked, { approve: true });
      } catch (error) {
        late.push(error);
      }
    });
    expect((await run.result).text).toBe('ok');
    expect(late).toMatchObject([{ code: 'not_pending' }]);
    expect(ran).toBe(0);
  });

  it('begin no call on a late yes where the time of an outer run is up', async () => {
    let ran = 0;
    const wipe = anyTool('wipe', 'destructive', () => void ran++);
    const inner = new Agent({
      model: fakeModel({ calls: [['wipe', {}]] }, { text: 'not wiped' }),
      tools: [wipe],
    });
    const agent = new Agent({
      model: fakeModel({ calls: [['helper', { task: 'wipe' }]] }, { text: 'in time' }),
      tools: [inner.asTool({ name: 'helper', description: 'Helps.' })],
      limits: [limit.time({ ms: 300 })],
    });
    const { pending, suspended } = await agent.run('go');
    if (suspended === undefined) return; // recorded in a session
    await new Promise((resolve) => setTimeout(resolve, 350));
    const decisions = pending.map(({ id }) => ({ id, approve: true as const }));
    const resumed = await agent.resume(suspended, { decisions }).result;
    expect(resumed.text).toBe('in time');
    expect(ran).toBe(0);
  });

  it.each(['a listener', 'a decide function'])(
    'wait no longer than their own time for a person whom %s of the outer run asks',
    async (asking) => {
      let ran = 0;
      const wipe = anyTool('wipe', 'destructive', () => void ran++);
      const inner = new Agent({
        model: fakeModel({ calls: [['wipe', {}]] }, { text: 'not wiped' }),
        tools: [wipe],
      });
      const limits = [limit.time({ ms: 1_000 })];
      const agent = new Agent({
        model: fakeModel({ calls: [['helper', { task: 'wipe' }]] }, { text: 'ok' }),
        tools: [inner.asTool({ name: 'helper', description: 'Helps.', limits })],
      });
      const run = agent.stream('go', asking === 'a listener' ? {} : { decide: () => never });
      if (asking === 'a listener') run.on('call.pending', () => {});
      const { stopReason, pending, suspended } = await run.result;
      expect(stopReason).toBe('suspended');
      const id = pending[0]?.id ?? '';
      expect(() => run.decide(id, { approve: true })).toThrow(/No call waits/);
      if (suspended === undefined) return; // recorded in a session
      const decisions = [{ id, approve: true as const }];
      const resumed = await agent.resume(suspended, { decisions }).result;
      expect(resumed).toMatchObject({ text: 'ok', calls: [{ name: 'helper', outcome: 'ok' }] });
      expect(resumed.messages[2]?.content).toBe('not wiped');
      expect(ran).toBe(0);
    },
  );

  it('have a listener of the outer run decide for the inner one', async () => {
    const done: string[] = [];
    const wipe = tool({
      name: 'wipe',
      description: 'Wipes.',
      inputSchema: z.object({ what: z.string() }),
      effect: 'destructive',
      execute: ({ what }) => void done.push(what),
    });
    const wiping = fakeModel({ calls: [['wipe', { what: 'disk' }]] }, { text: 'wiped' });
    const inner = new Agent({ model: wiping, tools: [wipe] });
    const tools = [inner.asTool({ name: 'helper', description: 'Helps.' })];
    const model = fakeModel({ calls: [['helper', { task: 'help' }]] }, { text: 'ok' });
    const run = new Agent({ model, tools }).stream('go');
    run.on('call.pending', ({ id, name }) => {
      expect(name).toBe('wipe');
      run.decide(id, { approve: true });
    });
    expect((await run.result).messages[2]?.content).toBe('wiped');
    expect(done).toEqual(['disk']);
  });

  it('hand the conversation over', async () => {
    const expert = new Agent({
      name: 'expert',
      instructions: 'You know.',
      model: fakeModel({ text: 'I know: 42.' }),
      tools: [echo],
    });
    const tools = [expert.asHandover({ name: 'to_expert', description: 'Asks the expert.' })];
    const front = fakeModel({ calls: [['to_expert', { task: 'explain' }]] });
    const result = await new Agent({ model: front, tools, instructions: 'You ask.' }).run('why?');
    expect(result.text).toBe('I know: 42.');
    expect(result.messages[2]?.content).toBe('The conversation is now with expert.');
  });
});

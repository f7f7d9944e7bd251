import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inProcess, ModelError, tool } from '../../src/index.ts';
import type { CallScope, Effect, ModelPart, Recorder, Tool } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { callPart, fakeModel, finished } from '../support/model.ts';
import { anyTool, eventsOf, never, resultsOf, sleep } from '../support/tools.ts';

/** Writes down when each call begins and ends: after some milliseconds, or after the call of another name has ended. */
function trail() {
  const log: string[] = [];
  const work =
    (name: string, until: number | string = 10) =>
    async () => {
      log.push(`+${name}`);
      if (typeof until === 'number') await sleep(until);
      else for (let n = 0; n < 5_000 && !log.includes(`-${until}`); n++) await sleep(1);
      log.push(`-${name}`);
      return name;
    };
  const make = (name: string, effect: Effect, until?: number | string) =>
    anyTool(name, effect, work(name, until));
  return { log, work, make };
}

const calling = (...names: string[]) => ({
  calls: names.map((name, n) => [name, { n }] as const),
});

async function run(names: readonly string[], tools: readonly Tool<unknown>[], most?: number) {
  const model = fakeModel(calling(...names), { text: 'ok' });
  const approve = () => true as const;
  const bound = most === undefined ? {} : { maxParallelCalls: most };
  const agent = new Agent({ model, tools, approve, ...bound });
  return resultsOf((await agent.run('go')).messages);
}

describe('calls of one answer', () => {
  it('overlap where they read', async () => {
    const { log, make } = trail();
    await run(['a', 'b'], [make('a', 'read', 'b'), make('b', 'read')]);
    expect(log).toEqual(['+a', '+b', '-b', '-a']);
  });

  it('write one at a time, in call order, while reads go on', async () => {
    const { log, make } = trail();
    const tools = [make('w', 'write', 'r'), make('v', 'write'), make('r', 'read')];
    await run(['w', 'v', 'r'], tools);
    expect(log).toEqual(['+w', '+r', '-r', '-w', '+v', '-v']);
  });

  it('destroy alone', async () => {
    const { log, make } = trail();
    const tools = [make('r', 'read', 20), make('d', 'destructive'), make('s', 'read')];
    await run(['r', 'd', 's'], tools);
    expect(log).toEqual(['+r', '-r', '+d', '-d', '+s', '-s']);
  });

  it('overlap in writing where their locks differ, and only there', async () => {
    const { log, work } = trail();
    const save = (name: string, ...locks: string[]) =>
      tool({
        name,
        description: 'Saves.',
        inputSchema: { type: 'object' },
        locks: () => locks,
        execute: work(name),
      });
    const tools = [save('a', 'x'), save('b', 'y'), save('c', 'x', 'y'), trail().make('d', 'write')];
    await run(['a', 'b', 'c', 'd'], tools);
    expect(log).toEqual(['+a', '+b', '-a', '-b', '+c', '-c']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no lock');
      },
      /could not be checked \(no lock\)/,
    ],
    ['gives no list', () => 'x' as never, /could not be checked/],
  ])('do not run where `locks` %s', async (_how, locks, words) => {
    let ran = false;
    const save = tool({
      name: 'save',
      description: 'Saves.',
      inputSchema: { type: 'object' },
      locks,
      execute: () => void (ran = true),
    });
    expect(await run(['save'], [save])).toEqual([expect.stringMatching(words)]);
    expect(ran).toBe(false);
  });

  it('are answered in call order, whatever order they end in', async () => {
    const { make } = trail();
    const tools = [make('a', 'read', 30), make('b', 'read', 20), make('c', 'read', 1)];
    expect(await run(['a', 'b', 'c'], tools)).toEqual(['a', 'b', 'c']);
  });

  it('that fail are told to the model and not run again', async () => {
    let times = 0;
    const fail = anyTool('fail', 'read', () => {
      times++;
      throw new Error('broken');
    });
    expect(await run(['fail'], [fail])).toEqual(['The tool "fail" failed: broken']);
    expect(times).toBe(1);
  });

  it('that fail do not keep the next from running', async () => {
    const { make } = trail();
    const fail = anyTool('fail', 'write', () => Promise.reject(new Error('broken')));
    expect(await run(['fail', 'w'], [fail, make('w', 'write')])).toEqual([
      'The tool "fail" failed: broken',
      'w',
    ]);
  });
});

describe('identical reads of one answer', () => {
  const counter = (effect: Effect = 'read') => {
    let count = 0;
    return anyTool('count', effect, () => ++count);
  };
  const same = (...names: string[]) => ({ calls: names.map((name) => [name, {}] as const) });
  const runSame = async (names: string[], tools: readonly Tool<unknown>[]) => {
    const agent = new Agent({ model: fakeModel(same(...names), { text: 'ok' }), tools });
    return resultsOf((await agent.run('go')).messages);
  };

  it('are one reading, told to both', async () => {
    expect(await runSame(['count', 'count'], [counter()])).toEqual(['1', '1']);
  });

  it('read anew after a write between them', async () => {
    const { make } = trail();
    const tools = [counter(), make('w', 'write')];
    expect(await runSame(['count', 'w', 'count'], tools)).toEqual(['1', 'w', '2']);
  });

  it('are two where somebody is asked about each', async () => {
    let count = 0;
    const read = anyTool('count', 'read', () => ++count);
    const agent = new Agent({
      model: fakeModel(same('count', 'count'), { text: 'ok' }),
      tools: [read],
      approve: ({ callId }) => callId === 'count:1' || { refuse: 'Not the first.' },
    });
    expect(resultsOf((await agent.run('go')).messages)).toEqual([
      'This call was not approved: Not the first.',
      '1',
    ]);
  });

  it('are two calls where they write', async () => {
    expect(await runSame(['count', 'count'], [counter('write')])).toEqual(['1', '2']);
  });
});

describe('an early start', () => {
  function slowAnswer(parts: (late: Promise<void>) => readonly (ModelPart | Promise<unknown>)[]) {
    return fakeModel({ parts: parts(sleep(60)) }, { text: 'ok' });
  }
  const [a, b] = [callPart(0, 'read', { n: 1 }), callPart(1, 'other', { n: 2 })];
  const other = anyTool('other', 'write', () => 'other');

  it.each([
    ['read', true],
    ['write', false],
    ['destructive', false],
  ] as const)('is made of a %s call while the next is written: %s', async (effect, early) => {
    let startedAfterMs = -1;
    const from = performance.now();
    const tools = [
      anyTool('read', effect, () => void (startedAfterMs = performance.now() - from)),
      other,
    ];
    const model = slowAnswer((late) => [
      a,
      { ...b, delta: '{' },
      late,
      { ...b, delta: '}' },
      finished,
    ]);
    await new Agent({
      model,
      tools,
      ...(effect === 'read' ? {} : { approve: () => true as const }),
    }).run('go');
    expect(startedAfterMs < 50).toBe(early);
  });

  it('is not made behind a call of an unknown name that may be repaired to a destructive one', async () => {
    const did: string[] = [];
    const tools = [
      anyTool('read', 'read', () => void did.push('read')),
      anyTool('wipe', 'destructive', () => void did.push('wipe')),
    ];
    const model = slowAnswer((late) => [
      callPart(0, 'wype', {}),
      callPart(1, 'read', {}),
      callPart(2, 'read', { n: 2 }),
      late,
      finished,
    ]);
    await new Agent({
      model,
      tools,
      repairCall: ({ tools }) => ({ name: tools[1] ?? '' }),
      decide: () => ({ approve: true }),
    }).run('go');
    expect(did).toEqual(['wipe', 'read', 'read']);
  });

  it('runs the call once and tells its start and end once', async () => {
    let ran = 0;
    const tools = [anyTool('read', 'read', () => `read ${++ran}`), other];
    const model = slowAnswer((late) => [a, b, late, finished]);
    const handle = new Agent({ model, tools }).stream('go');
    const events = await eventsOf(handle);
    const of = (type: string) =>
      events.filter((e) => e.type === type && 'call' in e && e.call === 1);
    expect(of('call.start')).toMatchObject([{ name: 'read', arguments: '{"n":1}', step: 1 }]);
    expect(of('call.end')).toHaveLength(1);
    expect(resultsOf(handle.messages)).toEqual(['read 1', 'other']);
  });

  it('counts for arguments that are mended in the same way', async () => {
    let ran = 0;
    const tools = [anyTool('read', 'read', () => `read ${++ran}`), other];
    const twice = JSON.stringify('{"n":1}');
    const model = slowAnswer((late) => [{ ...a, delta: twice }, b, late, finished]);
    const { messages } = await new Agent({ model, tools }).run('go');
    expect(resultsOf(messages)).toEqual(['read 1', 'other']);
  });

  it('is made of no call whose arguments may be still to come', async () => {
    const inputs: unknown[] = [];
    const read = anyTool('read', 'read', (input) => void inputs.push(input));
    const model = slowAnswer((late) => [{ ...a, delta: '' }, b, late, a, finished]);
    await new Agent({ model, tools: [read, other] }).run('go');
    expect(inputs).toEqual([{ n: 1 }]);
  });

  it('is thrown away with an answer that cannot be recorded, and its tool is told', async () => {
    let told: unknown;
    const read = anyTool('read', 'read', (_, { signal }) => {
      signal.addEventListener('abort', () => (told = signal.reason));
      return never;
    });
    const full = new Error('disk full');
    const kept = inProcess({ signal: new AbortController().signal });
    const recorder: Recorder = {
      ...kept,
      step: async (key, fn) => {
        const event = await kept.step(key, fn);
        if (event.type === 'answer') throw full;
        return event;
      },
    };
    const agent = new Agent({
      model: slowAnswer((late) => [a, b, late, finished]),
      tools: [read, other],
    });
    await expect(agent.run('go', { recorder })).rejects.toBe(full);
    expect(told).toBe(full);
  });

  it('is thrown away when the call goes on after all: the finished one is run', async () => {
    const inputs: unknown[] = [];
    const read = anyTool('read', 'read', (input) => {
      inputs.push(input);
      return inputs.length;
    });
    const model = slowAnswer((late) => [a, b, late, { ...a, delta: ' ' }, finished]);
    const { messages } = await new Agent({ model, tools: [read, other] }).run('go');
    expect(resultsOf(messages)).toEqual(['2', 'other']);
    expect(inputs).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it('is thrown away with an answer that breaks off, and its tool is told', async () => {
    const reasons: unknown[] = [];
    const read = anyTool('read', 'read', (_, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return reasons.length === 0 ? never : 'second';
    });
    const broken = new ModelError('connection', 'Gone.', { retryable: true });
    const model = fakeModel(
      { parts: [a, b, sleep(5), broken] },
      { parts: [a, b, finished] },
      { text: 'ok' },
    );
    const { messages } = await new Agent({ model, tools: [read, other] }).run('go');
    expect(reasons[0]).toBe(broken);
    expect(resultsOf(messages)).toEqual(['second', 'other']);
  });

  it.each(['behind a destructive call', 'where somebody must be asked'])(
    'is not made %s',
    async (where) => {
      const log: string[] = [];
      const read = anyTool('read', 'read', () => void log.push('read'));
      const first = tool({
        name: 'first',
        description: 'Comes first.',
        inputSchema: { type: 'object' },
        effect: where === 'behind a destructive call' ? 'destructive' : 'read',
        approve: () => true,
        execute: () => void log.push('first'),
      });
      const parts = ['first', 'read', 'other'].map((name, at) => callPart(at, name, {}));
      const model = slowAnswer((late) => [
        ...parts,
        late.then(() => void log.push('answered')),
        finished,
      ]);
      await new Agent({ model, tools: [first, read, other] }).run('go');
      expect(log).toEqual(
        where === 'behind a destructive call'
          ? ['answered', 'first', 'read']
          : ['read', 'answered', 'first'],
      );
    },
  );

  it('is not made of the call at which the answer was cut', async () => {
    const inputs: unknown[] = [];
    const tools = [anyTool('read', 'read', (input) => void inputs.push(input))];
    const parts = [a, callPart(1, 'read', { n: 2 })];
    const model = fakeModel(
      { parts: [...parts, { type: 'finish', reason: 'length' }] },
      { text: 'ok' },
    );
    await new Agent({ model, tools }).run('go');
    expect(inputs).toEqual([{ n: 1 }]);
  });

  it('is made of no call when calls are written in turns and the answer is cut', async () => {
    const inputs: unknown[] = [];
    const tools = [anyTool('read', 'read', (input) => inputs.push(input))];
    const [x, y] = [callPart(0, 'read', '{"n":1'), callPart(1, 'read', '{"n":2}')];
    const parts = [x, y, { ...x, delta: '}' }, { type: 'finish', reason: 'length' }] as const;
    const { messages } = await new Agent({
      model: fakeModel({ parts }, { text: 'ok' }),
      tools,
    }).run('go');
    const cut = expect.stringMatching(/cut at its token limit/);
    expect(resultsOf(messages)).toEqual([cut, cut]);
  });

  it('counts as a call at once, and a doubt about it is told once', async () => {
    const read = tool({
      name: 'read',
      description: 'Reads.',
      inputSchema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      effect: 'read',
      execute: () => 'ran',
    });
    const model = slowAnswer((late) => [a, b, late, finished]);
    const handle = new Agent({ model, tools: [read, other] }).stream('go');
    const events = await eventsOf(handle);
    expect(resultsOf(handle.messages)[0]).toMatch(/do not fit the schema of "read"/);
    expect(events.filter(({ type }) => type === 'call.start')).toMatchObject([{ name: 'other' }]);
  });
});

describe('how many calls run at once', () => {
  function gauge(name: string, options: { maxParallelCalls?: number } = {}) {
    let [now, most] = [0, 0];
    const made = tool({
      name,
      description: 'Counts how many run.',
      inputSchema: { type: 'object' },
      effect: 'read',
      ...options,
      execute: async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
      },
    });
    return { made, most: () => most };
  }

  it('is bounded for an agent', async () => {
    const { made, most } = gauge('g');
    await run(
      Array.from({ length: 8 }, () => 'g'),
      [made],
      3,
    );
    expect(most()).toBe(3);
  });

  it('is bounded for an agent over all its runs', async () => {
    const { made, most } = gauge('g');
    const answers = [calling('g', 'g'), calling('g', 'g'), { text: 'ok' }, { text: 'ok' }];
    const model = fakeModel(...answers);
    const agent = new Agent({ model, tools: [made], maxParallelCalls: 2 });
    await Promise.all([agent.run('a'), agent.run('b')]);
    expect(most()).toBe(2);
  });

  it('is bounded for a tool, others not being held up', async () => {
    const [slow, free] = [gauge('slow', { maxParallelCalls: 1 }), gauge('free')];
    await run(['slow', 'slow', 'slow', 'free', 'free'], [slow.made, free.made]);
    expect([slow.most(), free.most()]).toEqual([1, 2]);
  });

  it('does not count the wait against a tool’s time', async () => {
    const slow = tool({
      name: 'slow',
      description: 'Takes most of its time.',
      inputSchema: { type: 'object' },
      effect: 'read',
      timeoutMs: 150,
      execute: () => sleep(60).then(() => 'done'),
    });
    const results = await run(['slow', 'slow', 'slow', 'slow'], [slow], 1);
    expect(results).toEqual(['done', 'done', 'done', 'done']);
  });

  it('does not outlive an abort: a call that waits for room never begins', async () => {
    let begun = 0;
    const deaf = anyTool('deaf', 'read', () => {
      begun++;
      return never;
    });
    const model = fakeModel(calling('deaf', 'deaf'));
    const handle = new Agent({ model, tools: [deaf], maxParallelCalls: 1 }).stream('go');
    setTimeout(() => handle.abort('stop'), 20);
    await expect(handle.result).rejects.toBe('stop');
    expect(begun).toBe(1);
    expect(resultsOf(handle.messages)).toEqual([
      'The run was stopped before this call ended.',
      'The run was stopped before this call began.',
    ]);
  });

  it.each([0, -1, Number.NaN])('cannot be %s', (maxParallelCalls) => {
    expect(() => new Agent({ model: fakeModel(), maxParallelCalls })).toThrow(
      `maxParallelCalls is ${maxParallelCalls}; it must be 1 or more.`,
    );
  });

  it.each(['nested', 'alone'])('lets a tool call its own agent again (%s)', async (how) => {
    const again = tool({
      name: 'again',
      description: 'Calls the agent it belongs to.',
      inputSchema: { type: 'object' },
      maxParallelCalls: 1,
      execute: async (_, { nested, signal }: CallScope): Promise<string> => {
        const tie = how === 'nested' ? { nested } : {};
        return (await agent.run('deeper', { signal, ...tie })).text;
      },
    });
    const model = fakeModel(
      calling('again'),
      calling('again'),
      { text: 'deepest' },
      { text: 'deep' },
      { text: 'top' },
    );
    const agent: Agent = new Agent({ model, tools: [again], maxParallelCalls: 1 });
    const result = await agent.run('go', { signal: AbortSignal.timeout(2_000) });
    expect(result.text).toBe('top');
    expect(resultsOf(result.messages)).toEqual(['deep']);
  });
});

it('a call that has been read early is not checked a second time, and one that has not is', async () => {
  const checked: number[] = [];
  const look = (effect: Effect) =>
    tool({
      name: effect,
      description: 'Looks.',
      effect,
      inputSchema: z.object({ n: z.number().refine((n) => checked.push(n) > 0) }),
      execute: ({ n }) => `${n}`,
    });
  const parts = [
    callPart(0, 'read', { n: 1 }),
    callPart(1, 'write', { n: 2 }),
    finished,
    sleep(30),
  ];
  const model = fakeModel({ parts }, { text: 'ok' });
  const agent = new Agent({ model, tools: [look('read'), look('write')] });
  const { messages } = await agent.run('go');
  expect(resultsOf(messages)).toEqual(['1', '2']);
  expect(checked).toEqual([1, 2]);
});

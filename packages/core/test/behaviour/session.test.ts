import { describe, expect, it, vi } from 'vitest';
import { Agent, limit, Session, tool } from '../../src/index.ts';
import type {
  AgentOptions,
  CallPending,
  LogEntry,
  RunEvent,
  ThroughlineError,
} from '../../src/index.ts';
import { fakeModel } from '../support/model.ts';
import type { Answer } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { MemoryLog } from '../support/session.ts';
import { anyTool, eventsOf, never, resultsOf, sleep } from '../support/tools.ts';

async function opened() {
  const log = new MemoryLog();
  return { log, session: await Session.load(log) };
}

const code = (value: string) => expect.objectContaining({ code: value }) as ThroughlineError;

/** A model and an agent whose tools count what they do. */
function world(answers: readonly Answer[], options: Partial<AgentOptions> = {}) {
  const did: string[] = [];
  const does = (name: string) => (input: unknown) => {
    did.push(`${name} ${JSON.stringify(input)}`);
    return `${name} done`;
  };
  const model = fakeModel(...answers);
  const tools = [
    anyTool('look', 'read', does('look')),
    anyTool('pay', 'write', does('pay')),
    anyTool('wipe', 'destructive', does('wipe')),
  ];
  return { did, model, agent: new Agent({ model, tools, instructions: 'Be short.', ...options }) };
}

const steps: readonly Answer[] = [
  { reasoning: 'I look 🧵\u2028 first.', text: 'Looking.', calls: [['look', { at: 1 }]] },
  {
    reasoning: 'Now\r\n both.',
    calls: [
      ['look', { at: 2 }],
      ['pay', { eur: 5 }],
    ],
  },
  { reasoning: 'Done.', text: 'Paid.' },
];

describe('a run in a session', () => {
  it('knows the line of every event that it has stored, as the run tells it, also of an agent inside a call', async () => {
    const { log, session } = await opened();
    const inner = world([{ calls: [['pay', { eur: 1 }]] }, { text: 'Paid.' }]).agent;
    const { agent } = world([{ calls: [['pays', { task: 'Pay.' }]] }, { text: 'Done.' }], {
      tools: [inner.asTool({ name: 'pays', description: 'Pays.' })],
    });
    const told: number[] = [];
    for await (const event of agent.stream('Go.', { session })) {
      const seq = session.seqOf(event);
      if (seq !== undefined) told.push(seq);
    }
    expect(told).toEqual(log.texts.map((_, at) => at + 1));
    expect(told.length).toBeGreaterThan(10);
    const live = { type: 'warning', runId: 'r', message: '' } as const;
    expect(session.seqOf(live)).toBeUndefined();
  });

  it('continues the conversation of the runs before, also when it is opened again', async () => {
    const { log, session } = await opened();
    const first = world([{ reasoning: 'Hm.', text: 'Hello.' }]);
    const { messages } = await first.agent.run('Hi.', { session });
    expect(session.messages).toEqual(messages);
    const again = await log.opened();
    const second = world([{ text: 'Still here.' }]);
    const result = await second.agent.run('And now?', { session: again });
    expect(second.model.requests[0]?.messages.slice(1)).toEqual([
      ...messages,
      { role: 'user', content: 'And now?' },
    ]);
    expect(result.messages).toEqual(again.messages);
    expect(result.messages).toHaveLength(4);
    expect(result.suspended).toBeUndefined();
  });

  it('is recorded line by line, each with its number, version, run and key', async () => {
    const { log, session } = await opened();
    const { agent } = world(steps);
    const run = agent.stream('Go.', { session });
    await run.result;
    const lines = log.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(lines.map(({ key }) => key)).toEqual([
      'start',
      'input',
      '1/answer',
      '1/call/1',
      '2/answer',
      '2/call/1',
      '2/call/2/start',
      '2/call/2',
      '3/answer',
      '3/end',
    ]);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, at) => at + 1));
    for (const { v, runId } of lines) expect([v, runId]).toEqual([1, run.id]);
    expect(session.state).toBe('ready');
  });

  it('knows of nothing that is not stored', async () => {
    const { log, session } = await opened();
    const { did, agent } = world(steps);
    const stored: number[] = [];
    agent.on('call.end', ({ call }) => stored.push(call, log.texts.length));
    await agent.run('Go.', { session });
    expect(did).toHaveLength(3);
    // Each event was told after its line was stored.
    expect(stored[1]).toBeGreaterThanOrEqual(4);
  });

  it('shares an append among what is recorded while one is under way', async () => {
    const { log, session } = await opened();
    const calls = Array.from({ length: 20 }, (_, at) => ['look', { at }] as const);
    await world([{ calls }, { text: 'ok' }]).agent.run('Go.', { session });
    expect(log.texts).toHaveLength(25);
    expect(log.appends).toBeLessThan(10);
  });

  it('runs alone: a second one is refused at once', async () => {
    const { session } = await opened();
    const { agent } = world([{ parts: [never] }]);
    const run = agent.stream('Go.', { session });
    expect(session.state).toBe('running');
    expect(() => agent.stream('Me too.', { session })).toThrow(code('session_busy'));
    expect(() => agent.resume(session)).toThrow(code('session_busy'));
    run.abort('enough');
    await expect(run.result).rejects.toBe('enough');
    expect(session.state).not.toBe('running');
  });

  it.each(['history', 'recorder'])('cannot bring its own %s', async (option) => {
    const { session } = await opened();
    const { agent } = world([]);
    const options = { session, [option]: [] } as never;
    await expect(agent.run('Go.', options)).rejects.toEqual(code('invalid_option'));
    expect(session.state).toBe('ready');
  });

  it('leaves the session to the next one when it failed or was aborted, in this process or another', async () => {
    const { log, session } = await opened();
    const failing = world([steps[0] as Answer, { parts: [new Error('no network')] }]);
    await expect(failing.agent.run('Go.', { session })).rejects.toThrow('no network');
    expect(session.state).toBe('stopped');
    const again = await log.opened();
    expect(again.state).toBe('stopped');
    expect(again.messages).toEqual(session.messages);
    for (const one of [session, again]) {
      const { model, agent } = world([{ text: 'ok' }]);
      await agent.run('Never mind.', { session: one });
      expectPaired(model.requests[0]?.messages ?? []);
      expect(model.requests[0]?.messages.at(-1)).toEqual({ role: 'user', content: 'Never mind.' });
    }
  });

  it('that failed can be taken up as well', async () => {
    const { session } = await opened();
    const failing = world([...steps.slice(0, 1), { parts: [new Error('no network')] }]);
    await expect(failing.agent.run('Go.', { session })).rejects.toThrow('no network');
    const { agent, model, did } = world(steps.slice(1));
    expect((await agent.resume(session).result).text).toBe('Paid.');
    expect(model.requests[0]?.messages.slice(0, -1)).toEqual(
      failing.model.requests[1]?.messages.slice(0, -1),
    );
    expect(did).toEqual(['look {"at":2}', 'pay {"eur":5}']);
  });

  it('fails when it cannot be recorded, and nothing is claimed that is not stored', async () => {
    const { log, session } = await opened();
    const { agent, did } = world(steps);
    agent.on('call.start', ({ name }) => {
      if (name === 'pay') log.failure = new Error('disk full');
    });
    await expect(agent.run('Go.', { session })).rejects.toThrow('disk full');
    expect(did).toContain('pay {"eur":5}');
    log.failure = undefined;
    expect(session.state).toBe('cut');
    // It ran, but that it ran could not be written down.
    const later = world([{ text: 'I see.' }]);
    const { messages } = await later.agent.resume(session).result;
    expect(resultsOf(messages).at(-1)).toMatch(/outcome of this call is unknown/);
    expect(later.did).not.toContain('pay {"eur":5}');
  });
});

it('leaves its session free where a toolkit throws before the run', async () => {
  const { session } = await opened();
  const kit = {
    name: 'kit',
    tools: [],
    get instructions(): string {
      throw new Error('no words today');
    },
  };
  const agent = new Agent({ model: fakeModel({ text: 'ok' }), tools: [kit] });
  await expect(agent.run('Go.', { session })).rejects.toThrow('no words today');
  expect(session.state).toBe('ready');
});

describe('an abort in a session', () => {
  it('waits a while for what is being stored, and no longer; the session stays busy until it is', async () => {
    const { log, session } = await opened();
    const store = log.append.bind(log);
    let recover = () => {};
    log.append = async (lastSeq, lines) => {
      if (lines.some(({ event }) => event.type === 'answer')) {
        setTimeout(() => run.abort('enough'), 0);
        await new Promise<void>((resolve) => (recover = resolve));
      }
      return store(lastSeq, lines);
    };
    const { agent } = world(steps);
    const run = agent.stream('Go.', { session });
    await expect(run.result).rejects.toBe('enough');
    expect(session.state).toBe('running');
    await expect(agent.run('More.', { session })).rejects.toEqual(code('session_busy'));
    recover();
    await vi.waitFor(() => expect(session.state).toBe('stopped'), { timeout: 10_000 });
    expectPaired(session.messages);
  }, 20_000);

  it.each(['an abort', 'leaving the iteration'])(
    'comes too late once the run has ended: %s changes nothing',
    async (how) => {
      const { log, session } = await opened();
      const { agent, did } = world(steps);
      const run = agent.stream('Go.', { session });
      const ends: string[] = [];
      run.on('run.end', ({ stopReason }) => {
        ends.push(stopReason);
        if (how === 'an abort') run.abort('late');
      });
      for await (const { type } of run) if (type === 'run.end') break;
      expect((await run.result).stopReason).toBe('answer');
      expect(ends).toEqual(['answer']);
      expect(session.state).toBe('ready');
      expect((await log.opened()).state).toBe('ready');
      expect(() => agent.resume(session)).toThrow(/its last run has ended/);
      expect(did.filter((one) => one.startsWith('pay'))).toHaveLength(1);
    },
  );

  it('comes too late for a run that has suspended', async () => {
    const { session } = await opened();
    const { agent } = world([{ calls: [['wipe', {}]] }]);
    const controller = new AbortController();
    const ends: string[] = [];
    agent.on('run.end', ({ stopReason }) => {
      ends.push(stopReason);
      controller.abort('late');
    });
    const { pending } = await agent.run('Go.', { session, signal: controller.signal });
    expect(pending).toHaveLength(1);
    expect([ends, session.state]).toEqual([['suspended'], 'suspended']);
  });

  it('waits for what an agent inside a call has to record, so that the session is whole', async () => {
    const { log, session } = await opened();
    const deaf = anyTool('deaf', 'write', () => never);
    const calls = [1, 2, 3, 4].map((n) => ['deaf', { n }] as const);
    const inner = new Agent({ name: 'inner', model: fakeModel({ calls }), tools: [deaf] });
    const outer = new Agent({
      model: fakeModel({ calls: [['inner', { task: 't' }]] }),
      tools: [inner.asTool({ name: 'inner', description: 'I.' })],
    });
    const run = outer.stream('Go.', { session });
    setTimeout(() => run.abort('enough'), 40);
    await expect(run.result).rejects.toBe('enough');
    await sleep(20);
    expect(session.state).toBe('stopped');
    expect((await log.opened()).state).toBe('stopped');
  });

  it('loses no words that were said: they are recorded or warned of', async () => {
    const { log, session } = await opened();
    const store = log.append.bind(log);
    let held: Promise<void> = Promise.resolve();
    log.append = (lastSeq, lines) => held.then(() => store(lastSeq, lines));
    const { agent } = world([{ text: 'ok' }]);
    const run = agent.stream('Go.', { session });
    const warnings: string[] = [];
    run.on('warning', ({ message }) => warnings.push(message));
    let free = () => {};
    run.on('step.start', () => (held = new Promise((resolve) => (free = resolve))));
    run.steer('first words');
    await sleep(20);
    run.steer('second words');
    run.abort('enough');
    free();
    await expect(run.result).rejects.toBe('enough');
    expect(JSON.stringify([session.messages, warnings])).toContain('first words');
    expect(JSON.stringify([session.messages, warnings])).toContain('second words');
  });
});

describe('a signal that is none', () => {
  it('leaves the session free', async () => {
    const { session } = await opened();
    const { agent } = world([{ text: 'ok' }]);
    const signal = new AbortController() as unknown as AbortSignal;
    await expect(agent.run('Go.', { session, signal })).rejects.toEqual(code('invalid_option'));
    expect((await agent.run('Go.', { session })).text).toBe('ok');
  });
});

describe('a session with an unfinished run', () => {
  it('refuses another run in words, and leaves the old one when told to', async () => {
    const { log, session } = await opened();
    await world(steps).agent.run('Go.', { session });
    const cut = await log.opened(7);
    expect(cut.state).toBe('cut');
    const { agent, model } = world([{ text: 'ok' }]);
    await expect(agent.run('Next.', { session: cut })).rejects.toEqual(code('unfinished_run'));
    await agent.run('Next.', { session: cut, unfinished: 'leave' });
    expectPaired(model.requests[0]?.messages ?? []);
    expect(resultsOf(cut.messages).at(-1)).toMatch(/no result/);
    expect(cut.state).toBe('ready');
    expect((await (cut.log as MemoryLog).opened()).messages).toEqual(cut.messages);
  });

  it('refuses another run also where a call waits since the host failed to decide it, and takes the decision later', async () => {
    const { log, session } = await opened();
    const decide = () => Promise.reject(new Error('the desk is closed'));
    const failing = world([{ calls: [['wipe', { disk: 1 }]] }], { decide }).agent;
    await expect(failing.run('Go.', { session })).rejects.toThrow('the desk is closed');
    const { agent, did } = world([{ text: 'Wiped.' }]);
    for (const stored of [session, await log.opened()]) {
      expect(stored.state).toBe('suspended');
      await expect(agent.run('Next.', { session: stored })).rejects.toThrow(/decisions/);
    }
    const [waits] = session.pending as [CallPending];
    const decisions = [{ id: waits.id, approve: true as const }];
    expect((await agent.resume(session, { decisions }).result).text).toBe('Wiped.');
    expect(did).toEqual(['wipe {"disk":1}']);
    expect(session.state).toBe('ready');
  });

  it('keeps a cut write in doubt where the run that was to leave it never began', async () => {
    const { log, session } = await opened();
    const pays = {
      calls: [
        ['pay', { eur: 5 }],
        ['pay', { eur: 6 }],
      ],
    } as const;
    await world([pays, { text: 'Paid.' }]).agent.run('Go.', { session });
    const ends = (texts: readonly string[]) => texts.findIndex((text) => /call.end/.test(text));
    const cut = await log.opened(ends(log.texts)); // both payments have begun
    const { agent } = world([{ text: 'ok' }]);
    const leaves = { session: cut, unfinished: 'leave', signal: AbortSignal.abort('no') } as const;
    await expect(agent.run('Next.', leaves)).rejects.toBe('no');
    await agent.resume(cut).result;
    const after = (cut.log as MemoryLog).texts;
    // Cut again: the doubt about the first payment is stored, and none about the second.
    const again = await (cut.log as MemoryLog).opened(ends(after) + 1);
    const last = world([{ text: 'ok' }]);
    await last.agent.resume(again).result;
    expect(last.did).toEqual([]);
  });

  it('asks nothing about a call inside one that has ended, and takes no decision on it', async () => {
    const { log, session } = await opened();
    const inner = world([{ calls: [['wipe', {}]] }]).agent;
    const helper = tool({
      name: 'helper',
      description: 'Helps.',
      inputSchema: { type: 'object' },
      timeoutMs: 300,
      execute: async (_, scope) => (await scope.run(inner, 'Wipe.')).text,
    });
    const wipe = anyTool('wipe', 'destructive', () => 'wiped');
    const model = fakeModel({ calls: [['helper', {}]] }, { calls: [['wipe', {}]] }, { text: 'ok' });
    const agent = new Agent({ model, tools: [helper, wipe] });
    const run = agent.stream('Go.', { session });
    const asked: CallPending[] = [];
    run.on('call.pending', (pending) => {
      asked.push(pending);
      if (pending.step === 2) run.abort('enough');
    });
    await expect(run.result).rejects.toBe('enough');
    const [inside, own] = asked;
    for (const one of [session, await log.opened()]) {
      expect(one.pending.map(({ id }) => id)).toEqual([own?.id]);
      const decisions = [{ id: inside?.id ?? '', approve: true as const }];
      expect(() => agent.resume(one, { decisions })).toThrow(code('not_pending'));
    }
  });

  it('has nothing to resume before its first run and after a whole one', async () => {
    const { session } = await opened();
    const { agent } = world([{ text: 'ok' }]);
    expect(() => agent.resume(session)).toThrow(/it has no run yet/);
    await agent.run('Go.', { session });
    expect(() => agent.resume(session)).toThrow(code('nothing_to_resume'));
  });

  it('goes on from every line with the same requests and the same history', async () => {
    const { log, session } = await opened();
    const whole = world(steps);
    const { messages } = await whole.agent.run('Go.', { session });
    const asked = whole.model.requests.map((request) => JSON.stringify(request));
    for (let lines = 2; lines < log.texts.length; lines++) {
      const cut = await log.opened(lines);
      expect(cut.state).toBe('cut');
      const known = cut.messages.filter(({ role }) => role === 'assistant').length;
      const { agent, model, did } = world(steps.slice(known));
      const result = await agent.resume(cut).result;
      const unsure = lines === 7; // pay has begun and not ended
      if (unsure) {
        expect(did.filter((what) => what.startsWith('pay'))).toEqual([]);
        expect(resultsOf(result.messages).at(-1)).toMatch(/outcome of this call is unknown/);
        continue;
      }
      expect(result.messages).toEqual(messages);
      expect(model.requests.map((request) => JSON.stringify(request))).toEqual(asked.slice(known));
    }
  });

  it('does not tell again what was told', async () => {
    const { log, session } = await opened();
    await world(steps).agent.run('Go.', { session });
    const cut = await log.opened(5);
    const types = (await eventsOf(world(steps.slice(2)).agent.resume(cut))).map(
      (event: RunEvent) => event.type,
    );
    expect(types).not.toContain('run.start');
    expect(types.filter((type) => type === 'call.end')).toHaveLength(2);
  });

  it('asks a person about a destructive call that may have run, every time anew', async () => {
    const { log, session } = await opened();
    const answers: Answer[] = [{ calls: [['wipe', {}]] }, { text: 'Wiped.' }];
    const first = world(answers, { approve: () => true });
    await first.agent.run('Go.', { session });
    expect(log.texts).toHaveLength(7);
    let log2 = new MemoryLog(log.texts.slice(0, 4)); // begun, not ended
    const hashes: string[] = [];
    for (let crash = 1; crash <= 3; crash++) {
      const cut = await Session.load(log2);
      const { agent, did } = world(answers.slice(1), { approve: () => true });
      const asked = await agent.resume(cut).result;
      expect(asked.stopReason).toBe('suspended');
      expect(asked.pending).toMatchObject([{ name: 'wipe', mayHaveRun: true }]);
      const [pending] = asked.pending;
      if (pending === undefined) throw new Error('nobody was asked');
      expect(hashes).not.toContain(pending.id);
      hashes.push(pending.id);
      const { id } = pending;
      const decisions = [{ id, approve: true as const }];
      const { text } = await agent.resume(cut, { decisions }).result;
      expect([text, did]).toEqual(['Wiped.', ['wipe {}']]);
      // The process dies again after it was begun with that decision.
      const texts = log2.texts.filter(
        (line) =>
          !/"seq":\d+,"v":1,"runId":"[^"]*","key":"(2\/|1\/call\/1\/again\/\d+")/.test(line) ||
          /doubt/.test(line) ||
          /call.pending/.test(line),
      );
      log2 = new MemoryLog(texts);
    }
  });

  it('does not run again what a person allows and its tool refuses by now', async () => {
    const { log, session } = await opened();
    const answers: Answer[] = [{ calls: [['wipe', {}]] }, { text: 'So be it.' }];
    await world(answers, { approve: () => true }).agent.run('Go.', { session });
    const cut = await Session.load(new MemoryLog(log.texts.slice(0, 4))); // begun, not ended
    const did: unknown[] = [];
    const wipe = tool({
      name: 'wipe',
      description: 'Wipes.',
      inputSchema: { type: 'object' },
      effect: 'destructive',
      approve: () => ({ refuse: 'The disk is in use.' }),
      execute: (input) => did.push(input),
    });
    const { agent } = world(answers.slice(1), { tools: [wipe] });
    const { pending } = await agent.resume(cut).result;
    const decisions = pending.map(({ id }) => ({ id, approve: true as const }));
    await agent.resume(cut, { decisions }).result;
    expect(did).toEqual([]);
    expect(resultsOf(cut.messages)).toEqual([expect.stringMatching(/The disk is in use/)]);
  });

  it('lets a call that waited for its turn at a suspension run once, whatever dies then', async () => {
    const { log, session } = await opened();
    const ask = {
      approve: ({ input }: { input: unknown }) =>
        JSON.stringify(input) !== '{"eur":7}' || ('ask' as const),
    };
    const calls = [
      ['pay', { eur: 7 }],
      ['pay', { eur: 8 }],
    ] as const;
    const first = world([{ calls }], ask);
    const { pending } = await first.agent.run('Go.', { session });
    expect(session.state).toBe('suspended');
    expect(session.pending).toEqual(pending);
    const decisions = pending.map(({ id }) => ({ id, refuse: 'No.' }));
    const second = world([{ text: 'ok' }], ask);
    const done = await second.agent.resume(session, { decisions }).result;
    expect(second.did).toEqual(['pay {"eur":8}']);
    expect(resultsOf(done.messages)).toEqual(['This call was not approved: No.', 'pay done']);
    const ended = log.texts.findIndex((text) => text.includes('"content":"pay done"'));
    const cut = await log.opened(ended);
    const third = world([{ text: 'ok' }], ask);
    const told = await third.agent.resume(cut).result;
    expect(third.did).toEqual([]);
    expect(resultsOf(told.messages)[1]).toMatch(/outcome of this call is unknown/);
  });

  it('goes on inside an agent that is a tool', async () => {
    const { log, session } = await opened();
    const inner = world([{ calls: [['pay', { eur: 1 }]] }, { text: 'paid' }]);
    const outer = (agent: Agent, ...answers: Answer[]) =>
      new Agent({
        model: fakeModel(...answers),
        tools: [agent.asTool({ name: 'clerk', description: 'Pays.' })],
      });
    const task = { calls: [['clerk', { task: 'pay' }]] } as const;
    const { messages } = await outer(inner.agent, task, { text: 'ok' }).run('Go.', { session });
    for (let lines = 4; lines < log.texts.length - 2; lines++) {
      const cut = await log.opened(lines);
      const keys = log.texts.slice(0, lines).map((text) => (JSON.parse(text) as LogEntry).key);
      const unsure =
        keys.includes('1/call/1/run/1/call/1/start') && !keys.includes('1/call/1/run/1/call/1');
      const answered = log.texts
        .slice(0, lines)
        .filter((text) => /run\/\d\/answer/.test(text)).length;
      const again = world(
        [{ calls: [['pay', { eur: 1 }]] }, { text: 'paid' }].slice(answered) as Answer[],
      );
      const result = await outer(again.agent, { text: 'ok' }).resume(cut).result;
      if (unsure) expect(again.did).toEqual([]);
      else expect(result.messages).toEqual(messages);
      expect(again.did.length).toBeLessThanOrEqual(1);
    }
  });

  it('keeps its limits over a resume', async () => {
    const { log, session } = await opened();
    await world(steps).agent.run('Go.', { session });
    const { agent } = world(steps.slice(2), { limits: [limit.steps(2, { atLimit: 'stop' })] });
    const result = await agent.resume(await log.opened(8)).result;
    expect(result).toMatchObject({ stopReason: 'limit', steps: 2 });
  });

  it('respects what was compacted, over several runs', async () => {
    const { log, session } = await opened();
    const compaction = {
      atTokens: 40,
      shorten: async () => ({
        messages: [{ role: 'user' as const, content: 'In short: hi.' }],
        note: 'cut',
      }),
    };
    const { agent } = world([{ text: 'x'.repeat(200) }, { text: 'b' }, { text: 'c' }], {
      compaction,
    });
    for (const input of ['one', 'two', 'three']) await agent.run(input, { session });
    const again = await log.opened();
    expect(again.messages).toEqual(session.messages);
    expect(again.messages[0]).toEqual({ role: 'user', content: 'In short: hi.' });
  });
});

describe('a log that cannot be read', () => {
  async function reading(change: (texts: string[]) => void) {
    const { log, session } = await opened();
    await world(steps).agent.run('Go.', { session });
    change(log.texts);
    return log.opened();
  }
  const edit =
    (at: number, change: (line: Record<string, unknown>) => void) => (texts: string[]) => {
      const line = JSON.parse(texts[at] ?? '') as Record<string, unknown>;
      change(line);
      texts[at] = JSON.stringify(line);
    };

  it.each<[string, (texts: string[]) => void, string, RegExp]>([
    [
      'of a newer version',
      edit(3, (line) => (line['v'] = 2)),
      'session_version',
      /Line 4 of the session "chat" is of version 2; .*newer release/,
    ],
    [
      'of version 0',
      edit(0, (line) => (line['v'] = 0)),
      'session_version',
      /is of version 0; this release reads version 1/,
    ],
    [
      'with a line missing',
      (texts) => texts.splice(4, 1),
      'session_corrupt',
      /Line 5 .* has the number 6/,
    ],
    [
      'with a line doubled',
      (texts) => texts.splice(4, 0, texts[3] ?? ''),
      'session_corrupt',
      /Line 5 .* has the number 4/,
    ],
    [
      'with an unknown event',
      edit(2, (line) => (line['event'] = { type: 'poem' })),
      'session_corrupt',
      /no event that this release knows/,
    ],
    [
      'of something else',
      edit(0, (line) => delete line['key']),
      'session_corrupt',
      /is not a line of a session/,
    ],
  ])('%s is refused in words', async (_name, change, codeOf, words) => {
    const error: unknown = await reading(change).catch((thrown: unknown) => thrown);
    expect(error).toEqual(code(codeOf));
    expect((error as Error).message).toMatch(words);
  });
});

describe('a closed session', () => {
  it('takes no run, and stops the one under way at its next record', async () => {
    const { session } = await opened();
    const { agent } = world([
      { parts: [sleep(20), { type: 'text', delta: 'x' }, { type: 'finish', reason: 'stop' }] },
    ]);
    const run = agent.stream('Go.', { session });
    await sleep(10);
    await session.close();
    await session.close();
    await expect(run.result).rejects.toEqual(code('session_closed'));
    await expect(agent.run('Go.', { session })).rejects.toEqual(code('session_closed'));
  });
});

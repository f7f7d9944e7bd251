import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inProcess, tool } from '../../src/index.ts';
import type {
  AgentOptions,
  Approval,
  CallPending,
  Decision,
  Recorder,
  RunResult,
  SuspendedRun,
  Tool,
} from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { fakeModel } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { anyTool, eventsOf, never, resultsOf, sleep } from '../support/tools.ts';

function paying(approve?: (input: { eur: number }) => Approval | Promise<Approval>) {
  const paid: number[] = [];
  const pay = tool({
    name: 'pay',
    description: 'Pays.',
    inputSchema: z.object({ eur: z.number() }),
    ...(approve === undefined ? {} : { approve }),
    execute: ({ eur }) => {
      paid.push(eur);
      return `paid ${eur}`;
    },
  });
  return { pay, paid };
}

const payments = (...sums: number[]) => ({ calls: sums.map((eur) => ['pay', { eur }] as const) });
const askAbove50 = ({ eur }: { eur: number }) => eur <= 50 || 'ask';

const yes: Decision = { approve: true };

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const fails = (): never => {
  throw new Error('The list of accounts is gone.');
};

/** A decision on every pending call. */
function all(pending: readonly CallPending[], decision: Decision) {
  return pending.map(({ id }) => ({ id, ...decision }));
}

const stored = (result: RunResult): SuspendedRun =>
  JSON.parse(JSON.stringify(result.suspended)) as SuspendedRun;

describe('an approver', () => {
  it.each<[string, unknown, string]>([
    ['true', true, 'paid 7'],
    ['to approve', { approve: true }, 'paid 7'],
    ['a reason', { refuse: 'Not on Sundays.' }, 'This call was not approved: Not on Sundays.'],
    ['false', false, 'This call was not approved.'],
    ['an empty reason', { refuse: '' }, 'This call was not approved.'],
    ['a result', { result: 'paid by hand' }, 'paid by hand'],
  ])('of a tool that says %s', async (_says, approval, words) => {
    const { pay } = paying(() => approval as Approval);
    const model = fakeModel(payments(7), { text: 'ok' });
    expect(resultsOf((await new Agent({ model, tools: [pay] }).run('go')).messages)).toEqual([
      words,
    ]);
  });

  it.each([
    'Ask',
    'yes',
    '',
    'Not on Sundays.',
    undefined,
    null,
    1,
    { yes: true },
    { approve: false },
    { approve: 'true' },
    { approve: true, refuse: 'no' },
    { refuse: true },
    {},
    [],
  ])('that says %j, which is neither yes nor no, fails the run and runs nothing', async (said) => {
    for (const whose of ['tool', 'agent', 'run'] as const) {
      const approve = () => said as Approval;
      if (said === undefined && whose !== 'tool') continue; // leaves it to the tool
      const { pay, paid } = paying(whose === 'tool' ? approve : undefined);
      const model = fakeModel(payments(7), { text: 'ok' });
      const agent = new Agent({ model, tools: [pay], ...(whose === 'agent' ? { approve } : {}) });
      const run = agent.run('go', whose === 'run' ? { approve } : {});
      await expect(run).rejects.toMatchObject({
        code: 'invalid_decision',
        message: expect.stringMatching(/"pay"/) as string,
      });
      expect(paid).toEqual([]);
    }
  });

  it.each(['throws', 'rejects'])('that %s refuses', async (how) => {
    const { pay, paid } = paying(() => {
      const error = new Error('no connection');
      if (how === 'throws') throw error;
      return Promise.reject(error);
    });
    const model = fakeModel(payments(7), { text: 'ok' });
    const { messages } = await new Agent({ model, tools: [pay] }).run('go');
    expect(resultsOf(messages)[0]).toMatch(/could not be approved \(no connection\)/);
    expect(paid).toEqual([]);
  });

  it('is asked about a call only when it is valid', async () => {
    const asked: unknown[] = [];
    const { pay } = paying((input) => asked.push(input) > 0);
    const model = fakeModel(
      {
        calls: [
          ['pay', { eur: 'x' }],
          ['pay', { eur: 1 }],
        ],
      },
      { text: 'ok' },
    );
    await new Agent({ model, tools: [pay] }).run('go');
    expect(asked).toEqual([{ eur: 1 }]);
  });

  it('is asked about all calls of an answer at the same time', async () => {
    let [now, most] = [0, 0];
    const { pay, paid } = paying(async () => {
      most = Math.max(most, ++now);
      await sleep(10);
      now--;
      return true;
    });
    const model = fakeModel(payments(1, 2, 3), { text: 'ok' });
    await new Agent({ model, tools: [pay] }).run('go');
    expect(most).toBe(3);
    expect(paid).toEqual([1, 2, 3]);
  });

  it.each<[string, readonly [Approval, Approval?, Approval?], string]>([
    ['the agent’s refusal counts', [true, { refuse: 'No.' }], 'This call was not approved: No.'],
    ['the run is asked before the agent', [true, { refuse: 'No.' }, true], 'paid 7'],
    ['the host’s yes settles what the tool would ask', ['ask', true], 'paid 7'],
    [
      'the host’s silence leaves it to the tool',
      [{ refuse: 'No.' }],
      'This call was not approved: No.',
    ],
    [
      'the tool’s own refusal stands',
      [{ refuse: 'Never.' }, true, true],
      'This call was not approved: Never.',
    ],
  ])('stands in an order: %s', async (_name, [ofTool, ofAgent, ofRun], words) => {
    const { pay } = paying(() => ofTool);
    const model = fakeModel(payments(7), { text: 'ok' });
    const agent = new Agent({ model, tools: [pay], approve: () => ofAgent });
    const { messages } = await agent.run('go', { approve: () => ofRun });
    expect(resultsOf(messages)).toEqual([words]);
  });

  it('of the host hears of reads as well; without one, only what destroys is asked about', async () => {
    const [read, wipe] = [
      anyTool('read', 'read', () => 'r'),
      anyTool('wipe', 'destructive', () => 'w'),
    ];
    const calls = [
      ['read', {}],
      ['wipe', {}],
    ] as const;
    const tools = [read, wipe];
    const asked: unknown[] = [];
    const approve = ({ name, effect }: { name: string; effect: string }) =>
      asked.push([name, effect]) > 0;
    await new Agent({ model: fakeModel({ calls }, { text: 'ok' }), tools, approve }).run('go');
    expect(asked).toEqual([
      ['read', 'read'],
      ['wipe', 'destructive'],
    ]);
    const { pending } = await new Agent({ model: fakeModel({ calls }), tools }).run('go');
    expect(pending).toMatchObject([{ name: 'wipe', effect: 'destructive' }]);
  });
});

describe('a person at hand', () => {
  async function watched(decision: Decision) {
    const { pay, paid } = paying(askAbove50);
    const run = new Agent({
      model: fakeModel(payments(10, 70), { text: 'ok' }),
      tools: [pay],
    }).stream('go');
    run.on('call.pending', (event) => {
      expect(event).toMatchObject({ name: 'pay', arguments: '{"eur":70}', call: 2, step: 1 });
      setTimeout(() => run.decide(event.id, decision), 5);
    });
    return { paid, results: resultsOf((await run.result).messages) };
  }

  it('lets the call run', async () => {
    expect(await watched(yes)).toEqual({ paid: [10, 70], results: ['paid 10', 'paid 70'] });
  });

  it('refuses it in words the model reads', async () => {
    expect(await watched({ refuse: 'Too much.' })).toEqual({
      paid: [10],
      results: ['paid 10', 'This call was not approved: Too much.'],
    });
  });

  it('gives the result instead of the call', async () => {
    expect(await watched({ result: { receipt: 4 } })).toEqual({
      paid: [10],
      results: ['paid 10', '{"receipt":4}'],
    });
  });

  it.each([true, false, null, undefined, '', 'yes', {}, { approve: false }, { approve: 1 }])(
    'is told that %j is no decision, and the call still waits',
    async (decision) => {
      const { pay, paid } = paying(askAbove50);
      const agent = new Agent({ model: fakeModel(payments(70), { text: 'ok' }), tools: [pay] });
      const run = agent.stream('go');
      run.on('call.pending', ({ id }) => {
        expect(() => run.decide(id, decision as never)).toThrow(
          /^run[.]decide\(\) was given .* as a decision[.] A decision is \{ approve: true \}/,
        );
        expect(paid).toEqual([]);
        run.decide(id, yes);
      });
      await run.result;
      expect(paid).toEqual([70]);
    },
  );

  it.each<[string, unknown]>([
    ['a yes with the id of another call', { id: 'other', approve: true }],
    ['a yes that the decision inherits', Object.assign(Object.create(yes), { note: 'x' })],
    ['a bigint', { result: 10n }],
    ['what holds itself', { result: circular }],
    ['what tells nothing of itself', { toJSON: () => undefined }],
  ])('is told that %s is no decision', async (_, decision) => {
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel(payments(70), { text: 'ok' }), tools: [pay] });
    const run = agent.stream('go', { decide: () => decision as Decision });
    await expect(run.result).rejects.toMatchObject({ code: 'invalid_decision' });
    expect(paid).toEqual([]);
  });

  it.each(['agent', 'inner agent'])(
    'of an %s is asked of the host first where a recorder that was passed waits for it',
    async (whose) => {
      const said: string[] = [];
      const asking: Recorder = {
        ...inProcess({ signal: new AbortController().signal }),
        gate: async (_key, about, ask) => {
          const decision = await ask?.();
          said.push(`${about.name} ${JSON.stringify(decision)}`);
          const { runId, step, call, callId, name, id } = about;
          const decided = { runId, step, call, callId, name, id };
          return { type: 'call.decided', ...decided, decision: decision ?? { refuse: '' } };
        },
        child: () => asking,
      };
      const { pay } = paying(askAbove50);
      const payer = new Agent({ model: fakeModel(payments(70), { text: 'paid' }), tools: [pay] });
      const outer = new Agent({
        model: fakeModel({ calls: [['payer', { task: 'Pay.' }]] }, { text: 'done' }),
        tools: [payer.asTool({ name: 'payer', description: 'Pays.' })],
      });
      const agent = whose === 'agent' ? payer : outer;
      await agent.run('go', { recorder: asking, decide: () => yes });
      expect(said).toEqual(['pay {"approve":true}']);
    },
  );

  it.each(['agent', 'run'])('may be asked by a decide function of the %s', async (whose) => {
    const { pay, paid } = paying(askAbove50);
    const model = fakeModel(payments(70, 80), { text: 'ok' });
    const decide = async ({ arguments: text }: CallPending): Promise<Decision> =>
      text.includes('70') ? yes : { refuse: 'Too much.' };
    const agent = new Agent({ model, tools: [pay], ...(whose === 'agent' ? { decide } : {}) });
    const { messages } = await agent.run('go', whose === 'run' ? { decide } : {});
    expect(resultsOf(messages)).toEqual(['paid 70', 'This call was not approved: Too much.']);
    expect(paid).toEqual([70]);
  });

  it('who cannot say now leaves it to others: the run, then the agent, then a listener', async () => {
    const { pay } = paying(askAbove50);
    const asked: string[] = [];
    const silent = (who: string) => () => void asked.push(who);
    const model = fakeModel(payments(70), { text: 'ok' });
    const agent = new Agent({ model, tools: [pay], decide: silent('agent') });
    const run = agent.stream('go', { decide: silent('run') });
    run.on('call.pending', ({ id }) => setTimeout(() => run.decide(id, yes), 5));
    expect(resultsOf((await run.result).messages)).toEqual(['paid 70']);
    expect(asked).toEqual(['run', 'agent']);
  });

  it('whose decide function fails fails the run, and the call still waits', async () => {
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({
      model: fakeModel(payments(70)),
      tools: [pay],
      decide: () => Promise.reject(new Error('the desk is closed')),
    });
    const run = agent.stream('go');
    await expect(run.result).rejects.toThrow('the desk is closed');
    expectPaired(run.messages);
    expect(paid).toEqual([]);
  });

  it('whose decide function says what is no decision fails the run', async () => {
    const { pay, paid } = paying(askAbove50);
    const decide = () => 'yes' as never;
    const agent = new Agent({ model: fakeModel(payments(70)), tools: [pay], decide });
    await expect(agent.run('go')).rejects.toMatchObject({ code: 'invalid_decision' });
    expect(paid).toEqual([]);
  });

  it('is not left behind by an abort while a decide function thinks', async () => {
    const { pay } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel(payments(70)), tools: [pay], decide: () => never });
    const run = agent.stream('go');
    setTimeout(() => run.abort('gone'), 10);
    await expect(run.result).rejects.toBe('gone');
  });

  it('is asked through a listener as well', async () => {
    const { pay } = paying(askAbove50);
    const run = new Agent({ model: fakeModel(payments(70), { text: 'ok' }), tools: [pay] }).stream(
      'go',
    );
    run.on('call.pending', ({ id }) => run.decide(id, yes));
    expect(resultsOf((await run.result).messages)).toEqual(['paid 70']);
  });

  it('is asked about several calls, answered in any order', async () => {
    const { pay, paid } = paying(askAbove50);
    const run = new Agent({
      model: fakeModel(payments(70, 80), { text: 'ok' }),
      tools: [pay],
    }).stream('go');
    const asked: string[] = [];
    run.on('call.pending', ({ id }) => {
      asked.push(id);
      if (asked.length === 2) for (const one of asked.toReversed()) run.decide(one, yes);
    });
    await run.result;
    expect(paid).toEqual([70, 80]);
  });

  it('cannot decide on a call that does not wait, nor twice', async () => {
    const { pay } = paying(askAbove50);
    const run = new Agent({ model: fakeModel(payments(70), { text: 'ok' }), tools: [pay] }).stream(
      'go',
    );
    run.on('call.pending', async ({ id, callId }) => {
      await sleep(1);
      for (const other of ['other', callId]) {
        expect(() => run.decide(other, yes)).toThrow(
          `No call waits under the id "${other}". Pass the id of a call.pending event. Waiting: "${id}".`,
        );
      }
      run.decide(id, yes);
      expect(() => run.decide(id, yes)).toThrow(
        /^No call waits under the id .* No call of this run waits/,
      );
    });
    await run.result;
  });

  it('may decide on the run while a decide function thinks; the first decision counts', async () => {
    const { pay, paid } = paying(askAbove50);
    let say: (decision: Decision) => void = () => {};
    const decide = () => new Promise<Decision>((resolve) => (say = resolve));
    const model = fakeModel(payments(70), { text: 'ok' });
    const run = new Agent({ model, tools: [pay], decide }).stream('go');
    run.on('call.pending', async ({ id }) => {
      await sleep(5);
      run.decide(id, yes);
      say({ refuse: 'Too late.' });
      expect(() => run.decide(id, yes)).toThrow(/No call waits/);
    });
    expect(resultsOf((await run.result).messages)).toEqual(['paid 70']);
    expect(paid).toEqual([70]);
  });

  it('who leaves aborts the run at once; nothing has run', async () => {
    const { pay, paid } = paying(askAbove50);
    const run = new Agent({ model: fakeModel(payments(70)), tools: [pay] }).stream('go');
    run.on('call.pending', () => setTimeout(() => run.abort('gone'), 5));
    await expect(run.result).rejects.toBe('gone');
    expectPaired(run.messages);
    expect(resultsOf(run.messages)[0]).toMatch(/It has not run/);
    expect(paid).toEqual([]);
  });

  it('who leaves is not waited for by a recorder that hears no abort', async () => {
    const { pay } = paying(askAbove50);
    const recorder = { ...inProcess({ signal: new AbortController().signal }), gate: () => never };
    const run = new Agent({ model: fakeModel(payments(70)), tools: [pay] }).stream('go', {
      recorder,
    });
    setTimeout(() => run.abort('gone'), 10);
    await expect(run.result).rejects.toBe('gone');
  });
});

describe('nobody at hand', () => {
  async function suspend(extra: Partial<AgentOptions> = {}) {
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel(payments(10, 70, 20)), tools: [pay], ...extra });
    return { result: await agent.run('go'), paid };
  }

  it('suspends the run, with what waits as plain JSON and a valid conversation', async () => {
    const { result, paid } = await suspend();
    expect(result).toMatchObject({ stopReason: 'suspended', text: '', steps: 1 });
    expect(result.pending).toMatchObject([
      { callId: 'pay:1', arguments: '{"eur":70}', effect: 'write' },
    ]);
    expect(result.pending[0]?.id).toMatch(/^[0-9a-f-]{36}[/]1[/]call[/]2#[0-9a-f]{32}$/);
    expectPaired(result.messages);
    expect(stored(result)).toEqual(result.suspended);
    expect(paid).toEqual([10]); // the one behind it waits for its turn
  });

  it.each([
    [yes, [70, 20], ['paid 10', 'paid 70', 'paid 20']],
    [
      { refuse: 'No.' } as Decision,
      [20],
      ['paid 10', 'This call was not approved: No.', 'paid 20'],
    ],
  ])(
    'and goes on elsewhere, decided %j, without running again what has run',
    async (decision, paidLater, results) => {
      const { result } = await suspend();
      const { pay, paid } = paying(askAbove50);
      const agent = new Agent({ model: fakeModel({ text: 'done' }), tools: [pay] });
      const decisions = all(result.pending, decision);
      const resumed = await agent.resume(stored(result), { decisions }).result;
      expect(resumed).toMatchObject({ text: 'done', stopReason: 'answer' });
      expect(paid).toEqual(paidLater);
      expect(resultsOf(resumed.messages)).toEqual(results);
      expectPaired(resumed.messages);
    },
  );

  it('suspends again where a decision is missing, and tells the host what still waits', async () => {
    const { result } = await suspend();
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel({ text: 'done' }, { text: 'done' }), tools: [pay] });
    const again = await agent.resume(stored(result), { decisions: [] }).result;
    expect(again).toMatchObject({ stopReason: 'suspended', pending: result.pending });
    const watched = agent.resume(stored(again), { decisions: [] });
    watched.on('call.pending', ({ id }) => setTimeout(() => watched.decide(id, yes)));
    expect((await watched.result).text).toBe('done');
    expect(paid).toEqual([70, 20]);
  });

  it('asks again about a call that is not what was decided on', async () => {
    const { result } = await suspend();
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel({ text: 'done' }), tools: [pay] });
    const changed = JSON.parse(
      JSON.stringify(result.suspended).replaceAll('{\\"eur\\":70}', '{\\"eur\\":7000}'),
    ) as SuspendedRun;
    const second = await agent.resume(changed, { decisions: all(result.pending, yes) }).result;
    expect(second).toMatchObject({
      stopReason: 'suspended',
      pending: [{ arguments: '{"eur":7000}' }],
    });
    expect(second.pending[0]?.id).not.toBe(result.pending[0]?.id);
    expect(paid).toEqual([]);
    const third = await agent.resume(stored(second), { decisions: all(second.pending, yes) })
      .result;
    expect(third.stopReason).toBe('answer');
    expect(paid).toEqual([7000, 20]);
  });

  it.each<[string, () => Approval, RegExp]>([
    ['refuses it', () => ({ refuse: 'The account is closed.' }), /not approved: The account is/],
    ['throws', () => fails(), /could not be approved .*is gone/],
  ])(
    'does not run what a person allowed where the tool itself %s by now',
    async (_, now, words) => {
      const { result } = await suspend();
      const asked: number[] = [];
      const { pay, paid } = paying(({ eur }) => {
        asked.push(eur);
        return now();
      });
      const agent = new Agent({ model: fakeModel({ text: 'done' }), tools: [pay] });
      const decisions = all(result.pending, yes);
      const resumed = await agent.resume(stored(result), { decisions }).result;
      expect(asked).toEqual([70]);
      expect(paid).toEqual([20]); // it was allowed before, and waited for its turn alone
      expect(resultsOf(resumed.messages)[1]).toMatch(words);
    },
  );

  it('does not ask the host’s approve again about what a person allowed', async () => {
    const { result } = await suspend();
    const { pay, paid } = paying(askAbove50);
    const model = fakeModel({ text: 'done' });
    const agent = new Agent({ model, tools: [pay], approve: () => false });
    await agent.resume(stored(result), { decisions: all(result.pending, yes) }).result;
    expect(paid).toEqual([70, 20]);
  });

  it('does not take a decision with the hash of another call', async () => {
    const { result } = await suspend();
    const { pay, paid } = paying(askAbove50);
    const agent = new Agent({ model: fakeModel(), tools: [pay] });
    const [pending] = result.pending;
    const other = `${pending?.id.split('#')[0]}#${'0'.repeat(32)}`;
    const decisions = [{ id: other, ...yes }];
    expect(() => agent.resume(stored(result), { decisions })).toThrow(
      `A decision names "${other}", but no call waits under this id. Waiting: ${pending?.id}.`,
    );
    expect(paid).toEqual([]);
  });

  it('refuses a decision on a call nobody was asked about', async () => {
    const { result } = await suspend();
    const agent = new Agent({ model: fakeModel() });
    const [pending] = result.pending;
    const decisions = [{ id: 'pay:1', ...yes }];
    expect(() => agent.resume(stored(result), { decisions })).toThrow(
      `A decision names "pay:1", but no call waits under this id. Waiting: ${pending?.id}.`,
    );
    const twice = [...all(result.pending, yes), ...all(result.pending, { refuse: 'No.' })];
    expect(() => agent.resume(stored(result), { decisions: twice })).toThrow(/^Two decisions name/);
  });

  it.each<[string, (paid: number[]) => readonly Tool<unknown>[], RegExp]>([
    ['is gone', () => [], /no tool is called "pay"|there are no tools/],
    [
      'wants other arguments',
      (paid) => [
        tool({
          name: 'pay',
          description: 'Pays cents.',
          inputSchema: z.object({ cents: z.number() }),
          execute: ({ cents }) => void paid.push(cents),
        }),
      ],
      /- cents: /,
    ],
  ])('tells the model when the tool %s after the decision', async (_how, tools, words) => {
    const { result } = await suspend();
    const paid: number[] = [];
    const agent = new Agent({ model: fakeModel({ text: 'done' }), tools: tools(paid) });
    const resumed = await agent.resume(stored(result), { decisions: all(result.pending, yes) })
      .result;
    expect(resultsOf(resumed.messages)[1]).toMatch(words);
    expect(paid).toEqual([]);
  });

  it('refuses a suspended run of another version', () => {
    const agent = new Agent({ model: fakeModel() });
    const strange = { version: 2, runId: 'x', history: [], log: [] } as never;
    expect(() => agent.resume(strange, { decisions: [] })).toThrow(
      /of version 2 cannot be resumed/,
    );
  });

  it('keeps a person from being asked about one call and running another: repairs are shown', async () => {
    const { pay, paid } = paying(askAbove50);
    const repairCall = () => ({ arguments: { eur: 99 } });
    const model = fakeModel({ calls: [['pay', '{eur:9']] }, { text: 'done' });
    const agent = new Agent({ model, tools: [pay], repairCall });
    const result = await agent.run('go');
    expect(result.pending).toMatchObject([{ arguments: '{"eur":99}' }]);
    const decisions = all(result.pending, yes);
    let other = 100;
    const fickle = new Agent({
      model: fakeModel({ text: 'x' }),
      tools: [pay],
      repairCall: () => ({ arguments: { eur: other++ } }),
    });
    expect((await fickle.resume(stored(result), { decisions }).result).stopReason).toBe(
      'suspended',
    );
    expect(paid).toEqual([]);
    await agent.resume(stored(result), { decisions }).result;
    expect(paid).toEqual([99]);
  });

  it('is also how a stream ends that nobody watches', async () => {
    const { pay } = paying(askAbove50);
    const run = new Agent({ model: fakeModel(payments(70)), tools: [pay] }).stream('go');
    expect((await run.result).stopReason).toBe('suspended');
    const events = await eventsOf(run);
    expect(events.at(-1)).toMatchObject({ type: 'run.end', stopReason: 'suspended' });
  });
});

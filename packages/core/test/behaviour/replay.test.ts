import { describe, expect, it } from 'vitest';
import { Agent, inProcess, limit, tool } from '../../src/index.ts';
import type {
  AgentOptions,
  LogEntry,
  Recorder,
  Run,
  RunEvent,
  RunOptions,
  RunResult,
} from '../../src/index.ts';
import { callPart, fakeModel, finished } from '../support/model.ts';
import type { Answer } from '../support/model.ts';
import { replaying } from '../support/replaying.ts';
import { anyTool, eventsOf, sleep } from '../support/tools.ts';

/** Something the loop can be taken through. */
interface Scenario {
  readonly answers: readonly Answer[];
  readonly agent?: (tools: Tools) => Partial<AgentOptions>;
  readonly options?: RunOptions;
  /** What somebody does from outside. */
  readonly meanwhile?: (run: Run) => void;
}

type Tools = Readonly<
  Record<'look' | 'pay' | 'wipe' | 'slow' | 'broken' | 'progress', ReturnType<typeof anyTool>>
>;

const scenarios: Record<string, Scenario> = {
  'a plain answer': { answers: [{ reasoning: 'Hm.', text: 'Hi.' }] },
  'calls of all effects': {
    answers: [
      {
        calls: [
          ['look', { at: 1 }],
          ['pay', { eur: 1 }],
          ['look', { at: 1 }],
        ],
        reasoning: 'x',
      },
      {
        calls: [
          ['pay', { eur: 2 }],
          ['pay', { eur: 3 }],
          ['wipe', {}],
        ],
      },
      { text: 'ok' },
    ],
  },
  'reads that end in another order': {
    answers: [
      {
        calls: [
          ['slow', { ms: 12 }],
          ['slow', { ms: 1 }],
          ['slow', { ms: 6 }],
        ],
      },
      { text: 'ok' },
    ],
  },
  'calls that are doubtful, unknown, refused or fail': {
    answers: [
      {
        calls: [
          ['look', '{"at":'],
          ['nothing', {}],
          ['broken', {}],
          ['pay', { refuse: true }],
        ],
      },
      { text: 'ok' },
    ],
    agent: () => ({
      approve: ({ input }) => !JSON.stringify(input).includes('refuse') || { refuse: 'No.' },
    }),
  },
  'an answer that breaks off and is asked again': {
    answers: [
      {
        parts: [
          { type: 'text', delta: 'Ha' },
          callPart(0, 'look', {}),
          { type: 'finish', reason: 'stop', unsure: true },
        ],
      },
      { parts: [callPart(0, 'look', { at: 1 }), callPart(1, 'look', { at: 2 }), finished] },
      { text: 'ok' },
    ],
  },
  'progress and a repaired call': {
    answers: [
      {
        calls: [
          ['progress', {}],
          ['lookk', { at: 1 }],
        ],
      },
      { text: 'ok' },
    ],
    agent: () => ({ repairCall: () => ({ name: 'look' }) }),
  },
  'limits that are near, noted and reached': {
    answers: Array.from({ length: 6 }, () => ({
      calls: [['look', { at: 1 }]] as const,
      text: 'again',
    })),
    agent: () => ({ limits: [limit.repeats(), limit.steps(10)] }),
  },
  'a limit in the middle of all': {
    answers: [{ calls: [['look', {}]] }, { calls: [['pay', {}]] }, { text: 'as far as I got' }],
    agent: () => ({ limits: [limit.steps(2)] }),
  },
  'what is said from outside': {
    answers: [{ calls: [['slow', { ms: 10 }]] }, { text: 'ok' }, { text: 'and that' }],
    meanwhile: (run) => {
      run.on('call.start', () => run.steer('Faster.'));
      run.on('call.end', () => run.followUp('And now?'));
    },
  },
  'a person who decides': {
    answers: [
      {
        calls: [
          ['wipe', {}],
          ['pay', { eur: 1 }],
          ['wipe', { again: true }],
        ],
      },
      { text: 'ok' },
    ],
    agent: () => ({ approve: () => undefined }),
  },
  'a history that is compacted': {
    answers: [
      { text: 'x'.repeat(300), calls: [['look', { at: 1 }]] },
      { calls: [['look', { at: 2 }]] },
      { text: 'ok' },
    ],
    agent: () => ({
      compaction: {
        atTokens: 60,
        shorten: async (messages) => ({ messages: messages.slice(0, 1), note: 'cut' }),
      },
    }),
  },
  'an object as answer, mended once': {
    answers: [
      { calls: [['final_answer', { sum: 'x' }]] },
      { calls: [['final_answer', { sum: 3 }]] },
    ],
    agent: () => ({
      output: {
        type: 'object',
        properties: { sum: { type: 'number' } },
        required: ['sum'],
      } as never,
    }),
  },
  'a step that is prepared': {
    answers: [{ calls: [['look', {}]] }, { text: 'ok' }],
    agent: () => ({
      prepareStep: ({ step }) => ({ thinking: step === 1, tools: ['look', 'pay'] }),
    }),
  },
  'an agent inside a call': {
    answers: [
      {
        calls: [
          ['clerk', { task: 'pay' }],
          ['clerk', { task: 'look' }],
        ],
      },
      { text: 'ok' },
    ],
    agent: ({ pay, look }) => {
      const model = fakeModel(
        { calls: [['pay', { eur: 1 }]] },
        { calls: [['look', {}]] },
        { text: 'a' },
        { text: 'b' },
      );
      return {
        tools: [
          new Agent({ model, tools: [pay, look] }).asTool({ name: 'clerk', description: 'Does.' }),
        ],
      };
    },
  },
  'a hand-over': {
    answers: [{ calls: [['to_billing', { task: 'refund' }]] }],
    agent: ({ pay }) => {
      const model = fakeModel({ calls: [['pay', { eur: 1 }]] }, { text: 'refunded' });
      const billing = new Agent({ model, name: 'billing', instructions: 'Bill.', tools: [pay] });
      return { tools: [billing.asHandover({ name: 'to_billing', description: 'Bills.' })] };
    },
  },
};

function tools(did: string[]): Tools {
  const does = (name: string) => (input: unknown) => {
    did.push(`${name} ${JSON.stringify(input)}`);
    return `${name} done`;
  };
  return {
    look: anyTool('look', 'read', does('look')),
    pay: anyTool('pay', 'write', does('pay')),
    wipe: anyTool('wipe', 'destructive', does('wipe')),
    slow: anyTool('slow', 'read', async ({ ms }) => {
      await sleep(Number(ms));
      return ms;
    }),
    broken: anyTool('broken', 'write', () => {
      throw new Error('out of order');
    }),
    progress: tool({
      name: 'progress',
      description: 'Tells.',
      inputSchema: { type: 'object' },
      async *execute() {
        yield 'half';
        return 'whole';
      },
    }) as ReturnType<typeof anyTool>,
  };
}

async function play(scenario: Scenario, recorder: Recorder) {
  const did: string[] = [];
  const all = tools(did);
  const model = fakeModel(...scenario.answers);
  const agent = new Agent({
    model,
    instructions: 'Be short.',
    tools: Object.values(all),
    approve: () => true,
    ...scenario.agent?.(all),
  });
  const run = agent.stream('Go.', { ...scenario.options, recorder });
  scenario.meanwhile?.(run as Run);
  const events: RunEvent[] = await eventsOf(run);
  const result: RunResult<unknown> = await run.result;
  return { did, requests: model.requests, events, result };
}

const recordedTypes = [
  'run.start',
  'message',
  'answer',
  'call.start',
  'call.end',
  'call.pending',
  'call.decided',
  'history.compacted',
  'run.end',
];
const recordedOf = (events: readonly RunEvent[]) =>
  events.filter(({ type }) => recordedTypes.includes(type)).map((event) => JSON.stringify(event));

describe('a run that is replayed from its own recording', () => {
  it.each(Object.entries(scenarios))(
    'asks nobody, does nothing, and tells the same: %s',
    async (_name, scenario) => {
      const log: LogEntry[] = [];
      const live = await play(scenario, deciding(log));
      const stored = JSON.parse(JSON.stringify(log)) as readonly LogEntry[];
      const runId = live.events[0]?.runId ?? '';
      const again = await play({ ...scenario, answers: [] }, replaying(stored, runId).recorder);
      expect(again.did).toEqual([]);
      expect(again.requests).toEqual([]);
      expect(again.result).toEqual(JSON.parse(JSON.stringify(live.result)));
      // An agent inside a call need not even begin: its call has an end.
      const told = recordedOf(
        stored.flatMap(({ key, event }) => (key.includes('/run/') ? [] : [event])),
      );
      const toldAgain = recordedOf(again.events);
      expect(toldAgain.toSorted()).toEqual(told.toSorted());
      // Within a step calls may be told in another order; the steps themselves may not.
      const steps = (texts: readonly string[]) =>
        texts.filter((text) => /"type":"(answer|message|run)/.test(text));
      expect(steps(toldAgain)).toEqual(steps(told));
    },
  );

  it.each<[string, (log: LogEntry[]) => void]>([
    ['a step is missing', (log) => void log.splice(log.findIndex(isAt('2/answer')), 1)],
    [
      'a step has moved',
      (log) => {
        const at = log.findIndex(isAt('1/call/2'));
        log[at] = { ...(log[at] as LogEntry), key: '1/call/9' };
      },
    ],
  ])('cannot be mistaken for another: %s', async (_what, spoil) => {
    const scenario = scenarios['calls of all effects'] as Scenario;
    const log: LogEntry[] = [];
    const { events } = await play(scenario, deciding(log));
    spoil(log);
    const runId = events[0]?.runId ?? '';
    const { recorder } = replaying(log, runId);
    await expect(play({ ...scenario, answers: [] }, recorder)).rejects.toThrow(/was not recorded/);
  });

  /** Records in `log`, and lets the calls that are asked about wait for an answer by their place. */
  function deciding(log: LogEntry[]): Recorder {
    return inProcess({
      signal: new AbortController().signal,
      log,
      decide: async ({ call }) => {
        await sleep(2);
        return call === 1 ? { approve: true } : { refuse: 'No.' };
      },
    });
  }

  it('goes on from any part of it with the requests that would have come', async () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      if (
        scenario.meanwhile !== undefined ||
        name === 'a person who decides' ||
        name.startsWith('an answer that breaks off')
      )
        continue;
      const log: LogEntry[] = [];
      const signal = new AbortController().signal;
      const whole = await play(scenario, inProcess({ signal, log }));
      const bytes = whole.requests.map((request) => JSON.stringify(request));
      for (let kept = 2; kept <= log.length; kept++) {
        const part = JSON.parse(JSON.stringify(log.slice(0, kept))) as LogEntry[];
        const runId = log[0]?.event.runId ?? '';
        const given = part.filter(
          ({ key, event }) => event.type === 'answer' && !key.includes('/run/'),
        ).length;
        if (part.some(({ key }) => key.includes('/run/')) || name === 'a hand-over') continue; // their own model is played from its start
        const rest = { ...scenario, answers: scenario.answers.slice(given) };
        const again = await play(rest, inProcess({ signal, runId, log: part }));
        expect(
          again.requests.map((request) => JSON.stringify(request)),
          `${name}, ${kept}`,
        ).toEqual(bytes.slice(given));
        expect(again.result.messages).toEqual(whole.result.messages);
      }
    }
  });
});

function isAt(key: string): (entry: LogEntry) => boolean {
  return (entry) => entry.key === key;
}

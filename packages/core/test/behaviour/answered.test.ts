import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldMessages, limit, ModelError, tool, ToolError } from '../../src/index.ts';
import type { ModelPart, RecordedEvent, Tool } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { callPart, fakeModel } from '../support/model.ts';
import type { Answer } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { never, sleep } from '../support/tools.ts';

const effects = ['read', 'write', 'destructive'] as const;
const behaviours = ['ok', 'throws', 'slow', 'deaf', 'no JSON', 'endless', 'aborts'] as const;

/** One tool for every effect and behaviour, and one that is not there. */
function allTools(abort: () => void): readonly Tool<unknown>[] {
  const execute = {
    ok: () => ({ fine: true }),
    throws: () => Promise.reject(new ToolError('It failed.')),
    slow: () => sleep(2),
    deaf: () => never,
    'no JSON': () => 1n,
    async *endless() {
      for (;;) yield await sleep(1);
    },
    aborts: () => {
      abort();
      return never;
    },
  };
  return effects.flatMap((effect) =>
    behaviours.map((behaviour) =>
      tool({
        name: nameOf(effect, behaviour),
        description: 'Behaves.',
        inputSchema: { type: 'object', properties: { n: { type: 'number' } } },
        effect,
        timeoutMs: 6,
        locks: ({ n }) => (n === 1 ? ['one'] : ['one', 'two']),
        execute: execute[behaviour] as () => unknown,
      }),
    ),
  );
}

function nameOf(effect: string, behaviour: string): string {
  return `${effect}_${behaviour.replace(' ', '_')}`;
}

const call = fc.record({
  name: fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.constantFrom(...effects), fc.constantFrom(...behaviours))
        .map(([effect, behaviour]) => nameOf(effect, behaviour)),
    },
    { weight: 1, arbitrary: fc.constant('unknown') },
  ),
  text: fc.constantFrom('{"n":1}', '{"n":2}', '', '{"n":', '{"n":"x"}', '[]'),
  cut: fc.nat(7),
});

const step = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 5 }),
  order: fc.array(fc.nat(), { maxLength: 10 }),
  ending: fc.constantFrom(
    'tool_calls',
    'tool_calls',
    'tool_calls',
    'stop',
    'length',
    'content_filter',
    'breaks',
  ),
  text: fc.constantFrom('', 'So…'),
});

const scenario = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  last: fc.constantFrom('answers', 'fails', 'hangs'),
  approve: fc.constantFrom('true', 'ask', 'words', 'throws', 'hangs', 'own'),
  decide: fc.constantFrom('yes', 'no', 'never', 'nobody'),
  limits: fc.constantFrom('none', 'answer', 'stop', 'throw', 'time'),
  most: fc.constantFrom(undefined, 1, 2),
  abortAfter: fc.constantFrom(undefined, undefined, 0, 3, 8),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** The calls of a step, cut in two and written in turns. */
function partsOf({ calls, order, ending, text }: Scenario['steps'][number]): Answer {
  const queues = calls.map(({ name, text, cut }, index) => {
    const whole = callPart(index, name, text);
    return [
      { ...whole, delta: text.slice(0, cut) },
      { type: 'call' as const, index, delta: text.slice(cut) },
    ];
  });
  const parts: (ModelPart | Error)[] = text === '' ? [] : [{ type: 'text', delta: text }];
  for (let at = 0; queues.some((queue) => queue.length > 0); at++) {
    const open = queues.filter((queue) => queue.length > 0);
    const next = open[(order[at] ?? 0) % open.length]?.shift();
    if (next !== undefined) parts.push(next);
  }
  if (ending === 'breaks') parts.push(new ModelError('connection', 'Gone.', { retryable: true }));
  else parts.push({ type: 'finish', reason: ending });
  return { parts };
}

function scriptOf({ steps, last }: Scenario): readonly Answer[] {
  const answers = steps.flatMap((one) =>
    one.ending === 'breaks' ? [partsOf(one), partsOf({ ...one, ending: 'stop' })] : [partsOf(one)],
  );
  const end: Answer = {
    answers: { text: 'done' },
    fails: { parts: [new Error('the model failed')] },
    hangs: { parts: [{ type: 'text' as const, delta: 'so' }, sleep(15), new Error('too late')] },
  }[last];
  return [...answers, end, end, end];
}

function approving(how: Scenario['approve']) {
  switch (how) {
    case 'own':
      return {};
    case 'throws':
      return { approve: () => Promise.reject(new Error('nobody home')) };
    case 'hangs':
      return { approve: () => sleep(4).then(() => true) };
    case 'true':
      return { approve: () => true };
    case 'ask':
      return { approve: () => how };
    case 'words':
      return { approve: () => ({ refuse: 'words' }) };
  }
}

const limitsOf = {
  none: [limit.steps(10)],
  answer: [limit.steps(1)],
  stop: [limit.steps(1, { atLimit: 'stop' })],
  throw: [limit.calls(2, { atLimit: 'throw' })],
  time: [limit.time({ ms: 10 }, { atLimit: 'stop' })],
} as const;

async function play(about: Scenario) {
  const model = fakeModel(...scriptOf(about));
  const agent = new Agent({
    model,
    tools: allTools(() => run.abort('from inside')),
    limits: limitsOf[about.limits],
    ...approving(about.approve),
    ...(about.most === undefined ? {} : { maxParallelCalls: about.most }),
  });
  const run = agent.stream('go');
  const recorded: RecordedEvent[] = [];
  const types = [
    'message',
    'answer',
    'call.start',
    'call.end',
    'call.pending',
    'call.decided',
  ] as const;
  for (const type of types) {
    if (type === 'call.pending' && about.decide === 'nobody') continue;
    run.on(type, (event: RecordedEvent) => {
      recorded.push(event);
      expectPaired(run.messages); // at any moment
      if (event.type !== 'call.pending' || about.decide === 'never') return;
      setTimeout(() => {
        try {
          run.decide(event.id, about.decide === 'yes' ? { approve: true } : { refuse: 'No.' });
        } catch {
          // the run has been aborted meanwhile
        }
      });
    });
  }
  const timer = setTimeout(() => run.abort('from outside'), about.abortAfter ?? 60);
  const settled = await run.result.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  clearTimeout(timer);
  return { run, settled, recorded, model };
}

describe('every call of every stored answer has exactly one result, in call order', () => {
  it('whatever the calls do, whatever is approved, whenever it is stopped', async () => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(scenario, async (about) => {
        const { run, settled, recorded, model } = await play(about);
        expectPaired(run.messages);
        for (const { messages } of model.requests) expectPaired(messages);
        if ('result' in settled) {
          expectPaired(settled.result.messages);
          expect(run.messages).toEqual(settled.result.messages);
        }
        const kind = 'result' in settled ? settled.result.stopReason : 'rejected';
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        if (about.decide !== 'nobody') expect(foldMessages(recorded)).toEqual(run.messages);
        const ends = recorded.flatMap((event) =>
          event.type === 'call.end' ? [`${event.step}/${event.call}`] : [],
        );
        expect(new Set(ends).size).toBe(ends.length);
      }),
      { numRuns: 400, endOnFailure: true },
    );
    // The scenarios reach every way a run can end.
    expect([...outcomes.keys()]).toEqual(
      expect.arrayContaining(['answer', 'limit', 'suspended', 'rejected']),
    );
  });

  it('and can be sent again as history', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (about) => {
        const { run } = await play({ ...about, abortAfter: about.abortAfter ?? 8 });
        const again = fakeModel({ text: 'ok' });
        const result = await new Agent({ model: again }).run('and now?', { history: run.messages });
        expectPaired(result.messages);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

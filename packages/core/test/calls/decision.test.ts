import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agent, limit, Session, tool } from '../../src/index.ts';
import type {
  AgentOptions,
  CallPending,
  Decision,
  Model,
  ModelPart,
  RunResult,
  SuspendedRun,
  Tool,
} from '../../src/index.ts';
import { MemoryLog } from '../support/session.ts';
import { anyTool, resultsOf } from '../support/tools.ts';

/** A payment, or an agent that makes some, in steps of several calls each. */
type Node = { readonly eur: number } | { readonly steps: readonly (readonly Node[])[] };

/** Answers by how far the conversation is, as a model in another process would. Ids are counted from 0 in each answer. */
function modelOf(answers: readonly (readonly (readonly [name: string, input: object])[])[]): Model {
  return {
    id: 'by history',
    async *stream({ messages }) {
      const calls = answers[messages.filter(({ role }) => role === 'assistant').length] ?? [];
      const parts = calls.map(([name, input], index): ModelPart => {
        const delta = JSON.stringify(input);
        return { type: 'call', index, id: `functions.${name}:${index}`, name, delta };
      });
      if (calls.length === 0) yield [{ type: 'text', delta: 'done' }];
      yield [...parts, { type: 'finish', reason: calls.length === 0 ? 'stop' : 'tool_calls' }];
    },
  };
}

/** The keys under which something was paid. */
function payingInto(paid: string[]): Tool<unknown> {
  return tool({
    name: 'pay',
    description: 'Pays.',
    inputSchema: { type: 'object', properties: { eur: { type: 'number' } } },
    approve: () => 'ask',
    execute: (_input, { idempotencyKey }) => void paid.push(idempotencyKey),
  });
}

function agentOf(steps: readonly (readonly Node[])[], pay: Tool<unknown>, more = {}): Agent {
  const tools: Tool<unknown>[] = [pay];
  const answers = steps.map((nodes) =>
    nodes.map((node) => {
      if ('eur' in node) return ['pay', { eur: node.eur }] as const;
      const name = `agent_${tools.length}`;
      tools.push(agentOf(node.steps, pay).asTool({ name, description: 'Pays more.' }));
      return [name, { task: 'pay' }] as const;
    }),
  );
  // Without a bound on repetition: the same sum is paid again and again on purpose.
  return new Agent({ model: modelOf(answers), tools, limits: [limit.steps(50)], ...more });
}

function countOf(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => sum + ('eur' in node ? 1 : countOf(node.steps.flat())), 0);
}

/** Few sums, so that many calls have the same name, id and arguments and differ by their place alone. */
const { tree } = fc.letrec<{ tree: Node; steps: readonly (readonly Node[])[] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ eur: fc.constantFrom(5, 5000) }),
    fc.record({ steps: tie('steps') }),
  ),
  steps: fc.array(fc.array(tie('tree'), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
}));
const steps = fc.array(fc.array(tree, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});

/** A person who decides by lot, and what they have decided, by id. */
function person(lots: readonly number[]) {
  const decided = new Map<string, Decision>();
  const shapes: readonly Decision[] = [
    { approve: true },
    { refuse: 'No.' },
    { result: 'paid by hand' },
  ];
  return {
    decided,
    decide({ id }: CallPending): Decision {
      if (decided.has(id)) throw new Error(`${id} is asked about twice`);
      const decision = shapes[(lots[decided.size % lots.length] ?? 0) % shapes.length] as Decision;
      decided.set(id, decision);
      return decision;
    },
  };
}

function expectJust(paid: readonly string[], decided: ReadonlyMap<string, Decision>): void {
  const approved = [...decided].flatMap(([id, { approve }]) => (approve ? [id] : []));
  expect(paid.toSorted()).toEqual(approved.map((id) => id.split('#')[0]).toSorted());
}

const lots = fc.array(fc.nat(2), { minLength: 1, maxLength: 8 });

describe('in any tree of agents with colliding ids, every decision runs just the call it was given for, once', () => {
  it('while the run goes on: by a function, by a listener at once, by a listener later', async () => {
    const how = fc.constantFrom('function', 'at once', 'later');
    await fc.assert(
      fc.asyncProperty(steps, lots, how, async (nodes, some, by) => {
        const paid: string[] = [];
        const { decide, decided } = person(some);
        const agent = agentOf(nodes, payingInto(paid), by === 'function' ? { decide } : {});
        const run = agent.stream('go');
        if (by !== 'function') {
          run.on('call.pending', (pending) => {
            const decision = decide(pending);
            if (by === 'at once') run.decide(pending.id, decision);
            else setTimeout(() => run.decide(pending.id, decision), some.length % 3);
          });
        }
        expect((await run.result).stopReason).toBe('answer');
        expect(decided.size).toBe(countOf(nodes.flat()));
        expectJust(paid, decided);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['as JSON', 'in a session'])(
    'suspended, %s, decided some at a time in other processes',
    async (kept) => {
      await fc.assert(
        fc.asyncProperty(steps, lots, async (nodes, some) => {
          const paid: string[] = [];
          const { decide, decided } = person(some);
          const log = new MemoryLog();
          const open = () => Session.load(log);
          const fresh = () => agentOf(nodes, payingInto(paid));
          let session = await open();
          let result: RunResult = await fresh().run('go', kept === 'as JSON' ? {} : { session });
          for (let times = 0; result.stopReason === 'suspended'; times++) {
            expect(result.pending.length).toBeGreaterThan(0);
            // Not all at once, and the last first.
            const now = result.pending
              .toReversed()
              .filter((_, at) => at === 0 || some[(at + times) % some.length] !== 0);
            const decisions = now.map((one) => ({ id: one.id, ...decide(one) }));
            if (kept === 'as JSON') {
              const from = JSON.parse(JSON.stringify(result.suspended)) as SuspendedRun;
              result = await fresh().resume(from, { decisions }).result;
            } else {
              session = await open();
              result = await fresh().resume(session, { decisions }).result;
            }
          }
          expect(result.stopReason).toBe('answer');
          expect(decided.size).toBe(countOf(nodes.flat()));
          expectJust(paid, decided);
        }),
        { numRuns: 40 },
      );
    },
  );
});

describe('two agents in one answer that ask about calls of one id', () => {
  const two = [[{ steps: [[{ eur: 5 }]] }, { steps: [[{ eur: 5000 }]] }]];

  it('are told apart: a yes to 5 and a no to 5,000', async () => {
    const paid: string[] = [];
    const run = agentOf(two, payingInto(paid)).stream('go');
    const ids: string[] = [];
    run.on('call.pending', ({ id, callId, arguments: text }) => {
      expect(callId).toBe('functions.pay:0');
      ids.push(id);
      run.decide(id, text.includes('5000') ? { refuse: 'Too much.' } : { approve: true });
    });
    await run.result;
    expect(ids).toHaveLength(2);
    expect(paid).toEqual([`${run.id}/1/call/1/1/call/1`]);
  });
});

it('a suspended run that is resumed twice gives what must not happen twice the same key both times', async () => {
  const paid: string[] = [];
  const steps = [[{ eur: 5 }]];
  const { suspended, pending } = await agentOf(steps, payingInto(paid)).run('go');
  const decisions = pending.map(({ id }) => ({ id, approve: true as const }));
  const stored = () => JSON.parse(JSON.stringify(suspended)) as SuspendedRun;
  for (let times = 0; times < 2; times++) {
    await agentOf(steps, payingInto(paid)).resume(stored(), { decisions }).result;
  }
  expect(paid).toHaveLength(2);
  expect(new Set(paid).size).toBe(1);
});

describe('a run that nobody has said they answer for', () => {
  it.each(['iterated', 'iterated, with a listener of the agent', 'awaited'])(
    'ends as suspended instead of waiting: %s',
    async (how) => {
      const wipe = anyTool('wipe', 'destructive', () => 'wiped');
      const model = modelOf([[['wipe', {}]]]);
      const agent = new Agent({ model, tools: [wipe] });
      if (how.includes('agent')) agent.on('call.pending', () => {});
      const run = agent.stream('go');
      const seen: string[] = [];
      if (how !== 'awaited') for await (const { type } of run) seen.push(type);
      const result = await run.result;
      expect(result.stopReason).toBe('suspended');
      expect(result.pending).toMatchObject([{ name: 'wipe' }]);
      if (how !== 'awaited') expect(seen).toContain('call.pending');
    },
  );
});

describe('the say of the host', () => {
  const inside = (more: Partial<AgentOptions> = {}) => {
    const paid: string[] = [];
    const pay = anyTool('pay', 'write', (_input, { idempotencyKey }) => paid.push(idempotencyKey));
    const inner = new Agent({
      model: modelOf([[['pay', { eur: 1 }]]]),
      tools: [pay],
      ...more,
    });
    return { inner, paid };
  };
  const nested = (inner: Agent, approve: AgentOptions['approve']) => {
    const deeper = new Agent({
      model: modelOf([[['deepest', { task: 'pay' }]]]),
      tools: [inner.asTool({ name: 'deepest', description: 'Pays.' })],
    });
    const tools = [deeper.asTool({ name: 'deeper', description: 'Has it paid.' })];
    const model = modelOf([[['deeper', { task: 'pay' }]]]);
    return new Agent({ model, tools, ...(approve === undefined ? {} : { approve }) });
  };

  it.each<[string, AgentOptions['approve'], AgentOptions['approve'], number]>([
    [
      'its refusal stands, whatever the inner agent says',
      ({ name }) => name !== 'pay',
      () => true,
      0,
    ],
    ['a refusal of the inner agent stands, too', () => true, () => ({ refuse: 'No.' }), 0],
    ['its yes counts where the inner agent says nothing', () => true, undefined, 1],
    ['its silence leaves it to the inner agent', () => undefined, () => false, 0],
  ])('is on every call, however deep: %s', async (_name, outer, own, times) => {
    const { inner, paid } = inside(own === undefined ? {} : { approve: own });
    await nested(inner, outer).run('go');
    expect(paid).toHaveLength(times);
  });

  it('is asked about each call of the run with the run’s own context', async () => {
    const { inner } = inside();
    const asked: unknown[] = [];
    await nested(inner, ({ name }, { context }) => {
      asked.push([name, context]);
      return true;
    }).run('go', { context: 'of the run' });
    expect(asked).toEqual(['deeper', 'deepest', 'pay'].map((name) => [name, 'of the run']));
  });

  it('is asked about the calls of an agent that took the conversation over', async () => {
    const { inner, paid } = inside({ approve: () => true });
    const model = modelOf([[['over', { task: 'pay' }]]]);
    const tools = [inner.asHandover({ name: 'over', description: 'Takes over.' })];
    const approve = ({ name }: { readonly name: string }) => name !== 'pay';
    const { messages } = await new Agent({ model, tools, approve }).run('go');
    expect(resultsOf(messages)).toContain('The conversation is now with agent.');
    expect(paid).toEqual([]);
  });
});

import { Agent, prefix, tool } from '@throughline/core';
import type { RunEvent } from '@throughline/core';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { describe, expect, it } from 'vitest';
import { lastPlan, plan, planOf } from '../src/index.ts';
import type { PlanItem } from '../src/index.ts';

const first: readonly PlanItem[] = [
  { title: 'Run the tests', status: 'in_progress' },
  { title: 'Mend the sum', status: 'pending' },
];
const second: readonly PlanItem[] = [
  { title: 'Run the tests', status: 'done' },
  { title: 'Mend the sum', status: 'cancelled' },
];
const update = (items: unknown, name = 'update_plan') => ({ name, arguments: { items } });

/** Runs an agent that makes the calls of one answer, and gives all that it tells. */
async function told(calls: readonly { name: string; arguments: unknown }[], kit = plan()) {
  const model = scriptedModel([{ calls }, { text: 'Done.' }]);
  const run = new Agent({ model, tools: [kit] }).stream('Go.');
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return { events, calls: (await run.result).calls };
}

describe('update_plan', () => {
  it('tells the host the list live and recorded, in one shape, and the model in words', async () => {
    const { events, calls } = await told([update(first)]);
    const plans = events.flatMap((event) => {
      const items = planOf(event);
      return items === undefined ? [] : [{ type: event.type, items }];
    });
    expect(plans).toEqual([
      { type: 'call.progress', items: first },
      { type: 'call.end', items: first },
    ]);
    expect(events.find(({ type }) => type === 'call.progress')).toMatchObject({
      progress: { type: 'plan', items: first },
    });
    expect(calls[0]).toMatchObject({ outcome: 'ok', output: { type: 'plan', items: first } });
    expect(calls[0]?.content).toBe(
      'The plan has 2 items: 1 pending, 1 in progress.\n1. (in progress) Run the tests\n2. (pending) Mend the sum',
    );
  });

  it('clears the list with an empty one', async () => {
    const { events, calls } = await told([update([])]);
    expect(events.map(planOf).filter(Boolean)).toEqual([[], []]);
    expect(calls[0]?.content).toBe('The plan is empty.');
  });

  it.each([
    ['51 items', Array.from({ length: 51 }, (_, at) => ({ title: `${at}`, status: 'done' }))],
    ['an unknown status', [{ title: 'Look', status: 'blocked' }]],
    ['an empty title', [{ title: '  ', status: 'done' }]],
    ['a title of 201 characters', [{ title: 'x'.repeat(201), status: 'done' }]],
    ['a line break', [{ title: 'Look\n2. (done) All', status: 'done' }]],
    ['a terminal sequence', [{ title: '\u001b[2JLook', status: 'done' }]],
    ['a character that turns the text', [{ title: 'a\u202eb', status: 'done' }]],
    ['half a pair', [{ title: 'a\ud83d', status: 'done' }]],
    ['no list', 'Look'],
  ])('does not show a list with %s, and tells the model why', async (_what, items) => {
    const { events, calls } = await told([update(items)]);
    expect(calls[0]?.outcome).toBe('doubtful');
    expect(calls[0]?.content).toContain('items');
    expect(events.map(planOf).filter(Boolean)).toEqual([]);
  });

  it('names the title that stands twice, also where only a person would take the two for one', async () => {
    const { calls } = await told([
      update([
        { title: 'Mend it', status: 'done' },
        { title: ' mend  IT ', status: 'pending' },
      ]),
    ]);
    expect(calls[0]?.outcome).toBe('doubtful');
    expect(calls[0]?.content).toContain('"mend  IT" stands twice');
  });

  it('takes titles in any script, and emoji', async () => {
    const items = [{ title: 'اختبار 👩‍💻', status: 'done' }];
    const { calls } = await told([update(items)]);
    expect(calls[0]).toMatchObject({ outcome: 'ok', output: { items } });
  });

  it('is read under the name a prefix gave it', async () => {
    const { events } = await told([update(first, 'my_update_plan')], prefix('my', plan()));
    expect(events.map(planOf).filter(Boolean)).toEqual([first, first]);
  });
});

describe('planOf', () => {
  it('reads nothing out of another tool’s progress, nor out of another shape', async () => {
    const about = { runId: 'r', step: 1, call: 1, callId: 'c' };
    const progress = { type: 'plan', items: [] };
    expect(planOf({ type: 'call.progress', ...about, name: 'list', progress })).toBeUndefined();
    for (const odd of [null, [], 'plan', { type: 'plan' }, { type: 'plan', items: [{}] }]) {
      const event = {
        ...about,
        type: 'call.progress',
        name: 'update_plan',
        progress: odd,
      } as const;
      expect(planOf(event)).toBeUndefined();
    }
    expect(planOf({ type: 'warning', runId: 'r', message: 'x' })).toBeUndefined();
  });
});

describe('lastPlan', () => {
  it('reads the list out of a session, over several runs, and not that of an agent inside a call', async () => {
    const session = await memorySessions().open('chat');
    expect(await lastPlan(session.log)).toBeUndefined();
    const inside = new Agent({
      model: scriptedModel([
        { calls: [update([{ title: 'Inner', status: 'done' }])] },
        { text: 'Done inside.' },
      ]),
      tools: [plan()],
    });
    const agent = new Agent({
      model: scriptedModel([
        { calls: [update(first), update(second)] },
        { calls: [{ name: 'helper', arguments: {} }] },
        { text: 'One.' },
        { text: 'Two.' },
        { calls: [update(first)] },
        { text: 'Three.' },
      ]),
      tools: [
        plan(),
        tool({
          name: 'helper',
          description: 'Lets another agent do it.',
          inputSchema: { type: 'object' },
          execute: async (_, scope) => (await scope.run(inside, 'Go.')).text,
        }),
      ],
    });
    const { calls } = await agent.run('Go.', { session });
    expect(calls.map(({ content }) => content)).toContain('Done inside.');
    expect(await lastPlan(session.log)).toEqual(second);
    await agent.run('Go on.', { session });
    expect(await lastPlan(session.log)).toEqual(second);
    await agent.run('Again.', { session });
    expect(await lastPlan(session.log)).toEqual(first);
  });

  it('takes the last call of an answer for the last, in whatever order the calls ended', async () => {
    const { events } = await told([update(first), update(second)]);
    const ends = events.filter((event) => event.type === 'call.end').toReversed();
    const lines = ends.map((event, at) => {
      return { seq: at + 1, v: 1, runId: event.runId, key: `1/call/${event.call}`, event } as const;
    });
    const session = await memorySessions().open('chat');
    const log = Object.assign(Object.create(session.log), {
      read: async function* () {
        yield lines;
      },
    });
    expect(lines.map(({ event }) => event.call)).toEqual([2, 1]);
    expect(await lastPlan(log)).toEqual(second);
  });
});

import { Agent, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { acting, pendingOf } from './support/acting.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

describe('an agent inside a call', () => {
  it('runs, is counted and is told as in one process', async () => {
    const make = () => {
      const inner = new Agent({
        name: 'inner',
        model: scriptedModel([
          { calls: [{ name: 'pay', arguments: { eur: 1 } }] },
          { text: 'Inner done.' },
        ]),
        tools: [acting('pay', 'write')],
      });
      return new Agent({
        model: scriptedModel([
          { calls: [{ name: 'ask', arguments: { task: 'Pay.' } }] },
          { text: 'Outer done.' },
        ]),
        tools: [inner.asTool({ name: 'ask', description: 'Asks.' })],
      });
    };
    const told: string[] = [];
    const { client } = await restate.serve(make(), {
      onEvent: (event) => {
        if (event.type === 'call.event') told.push(event.event.type);
      },
    });
    const result = await (await client.start({ input: 'Go.' })).result();
    const expected = await make().run('Go.');
    expect(result.messages).toEqual(expected.messages);
    expect(result.usage.outputTokens).toBe(expected.usage.outputTokens);
    expect(told).toEqual(
      expect.arrayContaining(['run.start', 'text.delta', 'call.end', 'run.end']),
    );
  });

  it('waits for a person in the journal, and goes on where it was: nothing of it is done twice', async () => {
    const acts: string[] = [];
    const innerModel = scriptedModel([
      { calls: [{ name: 'pay', arguments: {} }] },
      { calls: [{ name: 'wipe', arguments: {} }] },
      { text: 'Inner done.' },
    ]);
    const inner = new Agent({
      model: innerModel,
      tools: [acting('pay', 'write', acts), acting('wipe', 'destructive', acts)],
    });
    const agent = new Agent({
      model: scriptedModel([
        { calls: [{ name: 'ask', arguments: { task: 'Pay and wipe.' } }] },
        { text: 'Outer done.' },
      ]),
      tools: [inner.asTool({ name: 'ask', description: 'Asks.' })],
    });
    const { client } = await restate.serve(agent, { restate: { inactivityTimeout: 100 } });
    const run = await client.start({ input: 'Go.' });
    const [call] = await pendingOf(run);
    expect(call).toMatchObject({ name: 'wipe' });
    expect(acts).toEqual(['pay']);
    await run.decide({ id: call!.id, approve: true });
    expect(await run.result()).toMatchObject({
      text: 'Outer done.',
      calls: [{ name: 'ask', outcome: 'ok', content: 'Inner done.' }],
    });
    expect(acts).toEqual(['pay', 'wipe']);
    expect(innerModel.requests).toHaveLength(3);
  });

  it('in a tool of the host’s own waits in the same way', async () => {
    const acts: string[] = [];
    const inner = new Agent({
      model: scriptedModel([{ calls: [{ name: 'wipe', arguments: {} }] }, { text: 'Inner done.' }]),
      tools: [acting('wipe', 'destructive', acts)],
    });
    const own = tool({
      name: 'own',
      description: 'Runs an agent.',
      inputSchema: { type: 'object' },
      execute: async (_, scope) => (await scope.run(inner, 'Wipe.')).text,
    });
    const agent = new Agent({
      model: scriptedModel([{ calls: [{ name: 'own', arguments: {} }] }, { text: 'Outer done.' }]),
      tools: [own],
    });
    const { client } = await restate.serve(agent);
    const run = await client.start({ input: 'Go.' });
    const [call] = await pendingOf(run);
    await run.decide({ id: call!.id, refuse: 'No.' });
    expect((await run.result()).calls).toMatchObject([
      { name: 'own', outcome: 'ok', content: 'Inner done.' },
    ]);
    expect(acts).toEqual([]);
  });
});

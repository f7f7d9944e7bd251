import { Agent } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { acting, pendingOf, until } from './support/acting.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

describe('a session on Restate', () => {
  it('has one writer: runs that come together go one after the other, each with what was said before', async () => {
    const model = scriptedModel(({ messages }) => ({
      reasoning: 'Hm.',
      text: `answer ${messages.filter(({ role }) => role === 'user').length}`,
    }));
    const { client } = await restate.serve(new Agent({ model }));
    const session = client.session('chat');
    const runs = await Promise.all(['a', 'b', 'c'].map((text) => session.run(text)));
    const results = await Promise.all(runs.map((run) => run.result()));
    expect(results.map(({ text }) => text).toSorted()).toEqual([
      'answer 1',
      'answer 2',
      'answer 3',
    ]);
    const messages = await session.messages();
    expect(messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
    expect(model.requests.at(-1)?.messages).toEqual(messages.slice(0, -1));
    expect(await session.running()).toBeUndefined();
  });

  it('starts a run once under its id, tells which is under way, and keeps what a failed one had come to', async () => {
    const model = scriptedModel([
      { reasoning: 'Wipe it.', calls: [{ name: 'wipe', arguments: {} }] },
      { error: new Error('broken') },
      { text: 'Later.' },
    ]);
    const agent = new Agent({ model, tools: [acting('wipe', 'destructive')] });
    const { client } = await restate.serve(agent);
    const session = client.session('chat');
    const [first, again] = [
      await session.run('Wipe.', { runId: 'one' }),
      await session.run('Wipe.', { runId: 'one' }),
    ];
    const [call] = await pendingOf(first);
    await until(async () => (await session.running())?.runId === 'one');
    await (await session.running())?.decide({ id: call!.id, approve: true });
    await expect(first.result()).rejects.toThrow('broken');
    await expect(again.result()).rejects.toThrow('broken');
    expect((await session.messages()).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
    ]);
    const { text } = await (await session.run('And now?')).result();
    expect(text).toBe('Later.');
    expect(await session.messages()).toHaveLength(5);
  });

  it('takes nothing from a run that another session has begun under the same id', async () => {
    const model = scriptedModel([{ error: new Error('broken') }]);
    const { client } = await restate.serve(new Agent({ model }));
    const other = await client.session('other').run('My secret.', { runId: 'same' });
    await expect(other.result()).rejects.toThrow('broken');
    const mine = await client.session('mine').run('Hi.', { runId: 'same' });
    await expect(mine.result()).rejects.toThrow();
    expect(await client.session('mine').messages()).toEqual([]);
    expect(await client.session('mine').running()).toBeUndefined();
  });
});

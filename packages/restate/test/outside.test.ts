import { Agent, tool } from '@throughline/core';
import type { CallPending, RunEvent } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalOf, localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { acting, pendingOf, until } from './support/acting.ts';
import type { DurableRun } from '../src/index.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

describe('a decision', () => {
  it('comes from another process than the one that asks, and the call runs once', async () => {
    const acts: string[] = [];
    const model = scriptedModel([
      { calls: [{ name: 'wipe', arguments: { at: 1 } }] },
      { text: 'Wiped.' },
    ]);
    const agent = new Agent({ model, tools: [acting('wipe', 'destructive', acts)] });
    const { client } = await restate.serve(agent);
    const { runId } = await client.start({ input: 'Wipe it.' });
    const [call] = await pendingOf(client.run(runId));
    expect(call).toMatchObject({ name: 'wipe', arguments: '{"at":1}' });
    expect(acts).toEqual([]);
    await client.run(runId).decide({ id: call!.id, approve: true });
    expect(await client.run(runId).result()).toMatchObject({
      text: 'Wiped.',
      stopReason: 'answer',
    });
    expect(acts).toEqual(['wipe']);
    expect(await client.run(runId).pending()).toEqual([]);
  });

  it('is spent with its call, has one shape, and names a call that waits', async () => {
    const model = scriptedModel([
      { calls: [{ name: 'wipe', arguments: {} }] },
      { text: 'Not wiped.' },
    ]);
    const { client } = await restate.serve(
      new Agent({ model, tools: [acting('wipe', 'destructive')] }),
    );
    const run = await client.start({ input: 'Wipe it.' });
    const [{ id } = {} as CallPending] = await pendingOf(run);
    await expect(run.decide({ id: 'x', approve: true })).rejects.toMatchObject({
      code: 'not_pending',
    });
    await expect(run.decide({ id, yes: true } as never)).rejects.toMatchObject({
      code: 'invalid_decision',
    });
    await run.decide({ id, refuse: 'Not today.' });
    await expect(run.decide({ id, approve: true })).rejects.toMatchObject({ code: 'not_pending' });
    const result = await run.result();
    expect(result.calls[0]).toMatchObject({
      outcome: 'refused',
      content: 'This call was not approved: Not today.',
    });
    await expect(run.decide({ id, approve: true })).rejects.toMatchObject({ code: 'not_pending' });
  });

  it('of the agent’s own decide function counts before anybody else is asked', async () => {
    const model = scriptedModel([{ calls: [{ name: 'wipe', arguments: {} }] }, { text: 'Wiped.' }]);
    const agent = new Agent({
      model,
      tools: [acting('wipe', 'destructive')],
      decide: () => ({ result: 'Done by hand.' }),
    });
    const { client } = await restate.serve(agent);
    const { calls } = await (await client.start({ input: 'Wipe it.' })).result();
    expect(calls).toMatchObject([{ outcome: 'ok', content: 'Done by hand.' }]);
  });

  it('is waited for in the journal alone: no attempt is under way, and a write that was cleared behind it runs once, and is known', async () => {
    const acts: string[] = [];
    const calls = [
      { name: 'wipe', arguments: {} },
      { name: 'pay', arguments: {} },
    ];
    const model = scriptedModel([{ calls }, { text: 'Both.' }]);
    const agent = new Agent({
      model,
      tools: [acting('wipe', 'destructive', acts), acting('pay', 'write', acts)],
    });
    const { client } = await restate.serve(agent, {
      restate: { inactivityTimeout: 100, retryPolicy: { initialInterval: 50 } },
    });
    const run = await client.start({ input: 'Both.' });
    const [call] = await pendingOf(run);
    await until(async () => (await restate.statusOf(run.runId)) === 'suspended');
    await run.decide({ id: call!.id, approve: true });
    const result = await run.result();
    expect(result.calls.map(({ content }) => content)).toEqual(['wipe done', 'pay done']);
    expect(acts).toEqual(['wipe', 'pay']);
  });
});

describe('what is said to a run', () => {
  const held = async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const asked: string[] = [];
    const model = scriptedModel(async ({ messages }) => {
      asked.push(
        messages
          .filter(({ role }) => role === 'user')
          .map(({ content }) => content)
          .join(' | '),
      );
      const answers = messages.filter(({ role }) => role === 'assistant').length;
      return answers === 0
        ? { calls: [{ name: 'wait', arguments: {} }] }
        : { text: `answer ${answers}` };
    });
    const wait = tool({
      name: 'wait',
      description: 'Waits.',
      inputSchema: { type: 'object' },
      effect: 'read',
      execute: () => gate,
    });
    const { client } = await restate.serve(new Agent({ model, tools: [wait] }));
    const run = await client.start({ input: 'Begin.' });
    await until(() => asked.length === 1);
    return { open, asked, run };
  };

  it('is heard with the next step (steer), or once the model has answered (followUp), each once and in order', async () => {
    const { open, asked, run } = await held();
    await run.followUp('And then?');
    await run.steer('Be quick.');
    await run.steer('Be kind.');
    // All three have come, and the next is waited for, as is an abort.
    await until(
      async () =>
        (await journalOf(restate.server, run.runId)).filter(
          (entry) => entry === 'Command: GetPromise',
        ).length === 5,
    );
    open();
    const result = await run.result();
    expect(asked).toEqual([
      'Begin.',
      'Begin. | Be quick. | Be kind.',
      'Begin. | Be quick. | Be kind. | And then?',
    ]);
    expect(result.text).toBe('answer 2');
    expect(result.unheard).toEqual([]);
    await expect(run.steer('Too late.')).rejects.toMatchObject({ code: 'already_ended' });
    await expect(run.steer(' ')).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('an abort', () => {
  it('cuts the tools that are under way and ends the run for good', async () => {
    let cut: unknown;
    let begun = false;
    const wait = tool({
      name: 'wait',
      description: 'Waits.',
      inputSchema: { type: 'object' },
      execute: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          begun = true;
          signal.addEventListener('abort', () => {
            cut = signal.reason;
            reject(signal.reason);
          });
        }),
    });
    const model = scriptedModel([{ reasoning: 'Hm.', calls: [{ name: 'wait', arguments: {} }] }]);
    const { client } = await restate.serve(new Agent({ model, tools: [wait] }));
    const run = await client.start({ input: 'Wait.' });
    await until(() => begun);
    const ended = expect(run.result()).rejects.toMatchObject({ name: 'AbortError' });
    await run.abort();
    await ended;
    expect(cut).toMatchObject({ name: 'AbortError' });
    expect(await run.messages()).toMatchObject([
      { role: 'user' },
      { role: 'assistant', reasoning_content: 'Hm.' },
      { role: 'tool' },
    ]);
  });

  it('reaches a run that waits for its turn in a session, and one that waits for a person', async () => {
    const model = scriptedModel([{ calls: [{ name: 'wipe', arguments: {} }] }, { text: 'Next.' }]);
    const agent = new Agent({ model, tools: [acting('wipe', 'destructive')] });
    const { client } = await restate.serve(agent, { restate: { inactivityTimeout: 50 } });
    const session = client.session('chat');
    const first = await session.run('Wipe.');
    await pendingOf(first);
    const second = await session.run('Never.');
    await second.abort();
    await until(async () => (await restate.statusOf(first.runId)) === 'suspended');
    await first.abort();
    await first.abort();
    await expect(first.result()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(second.result()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await first.pending()).toEqual([]);
    expect(model.requests).toHaveLength(1);
    const third = await session.run('And now?');
    expect((await third.result()).text).toBe('Next.');
  });

  it('of a run that nobody has started is an error that says so', async () => {
    const { client } = await restate.serve(new Agent({ model: scriptedModel([]) }));
    const run: DurableRun = client.run('nobody');
    await expect(run.abort()).rejects.toMatchObject({ code: 'session_not_found' });
    await expect(run.steer('Hi.')).rejects.toMatchObject({ code: 'session_not_found' });
    await expect(run.result()).rejects.toMatchObject({ code: 'session_not_found' });
  });
});

describe('live events', () => {
  it('are told beside the journal, which holds no delta', async () => {
    const told: RunEvent[] = [];
    const model = scriptedModel([{ reasoning: 'Hm.', text: 'Hello.' }]);
    const { client } = await restate.serve(new Agent({ model }), {
      onEvent: (event) => told.push(event),
    });
    const run = await client.start({ input: 'Hi.' });
    await run.result();
    const types = told.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'run.start',
        'message',
        'reasoning.delta',
        'text.delta',
        'answer',
        'run.end',
      ]),
    );
    const entries = await journalOf(restate.server, run.runId);
    expect(entries.filter((entry) => entry.startsWith('Command: Run'))).toEqual(
      ['version', 'start', 'input', '1/answer', '1/end'].map((key) => `Command: Run ${key}`),
    );
  });
});

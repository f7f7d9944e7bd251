import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, tool } from '@throughline/core';
import type { CallPending, Decision, Tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileSessions } from '../src/index.ts';
import { buildPrograms } from './support/processes.ts';
import type { Programs } from './support/processes.ts';

let programs: Programs;
let dir: string;
beforeAll(async () => {
  programs = await buildPrograms('suspender');
});
afterAll(() => programs.remove());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-resume-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function paying(description = 'Pays, since the new release with a purpose.') {
  const paid: unknown[] = [];
  const pay = tool({
    name: 'pay',
    description,
    inputSchema: {
      type: 'object',
      properties: { eur: { type: 'number' }, purpose: { type: 'string' } },
      required: ['eur'],
    },
    approve: () => 'ask',
    execute: (input) => {
      paid.push(input);
      return 'paid by the second';
    },
  });
  return { pay, paid };
}

function agentOf(tools: readonly Tool<unknown>[]) {
  const model = scriptedModel([{ text: 'Done.' }]);
  const more = tool({
    name: 'more',
    description: 'New.',
    inputSchema: { type: 'object' },
    execute: () => 1,
  });
  return {
    model,
    agent: new Agent({ model, instructions: 'Pay, anew.', tools: [...tools, more] }),
  };
}

describe('a run that was suspended in another process', () => {
  async function suspended() {
    const { out } = await programs.start('suspender', [dir]).ended;
    const said = JSON.parse(out) as { stopReason: string; pending: readonly CallPending[] };
    expect(said.stopReason).toBe('suspended');
    const session = await fileSessions({ dir }).open('chat');
    expect(session.state).toBe('suspended');
    expect(session.pending).toEqual(said.pending);
    const decide = (decision: Decision) => session.pending.map(({ id }) => ({ id, ...decision }));
    return { session, decide };
  }

  it('goes on with a decision, though the agent’s code has changed', async () => {
    const { session, decide } = await suspended();
    const { pay, paid } = paying();
    const { agent, model } = agentOf([pay]);
    const result = await agent.resume(session, { decisions: decide({ approve: true }) }).result;
    expect(result.text).toBe('Done.');
    // The second call was allowed by the code of its time.
    expect(paid).toEqual([{ eur: 70 }, { eur: 5 }]);
    const [request] = model.requests;
    expect(request?.messages[0]).toEqual({ role: 'system', content: 'Pay, anew.' });
    expect(request?.messages[2]).toMatchObject({ reasoning_content: 'Two of them.' });
    expect(JSON.stringify(request?.messages[2])).toContain(JSON.stringify('{ "eur":\t70 }'));
    expect(request?.tools.map(({ name }) => name)).toEqual(['pay', 'more']);
    expect(session.state).toBe('ready');
    await session.close();
  });

  it('is told that its tool is gone', async () => {
    const { session, decide } = await suspended();
    const { agent } = agentOf([]);
    const { messages } = await agent.resume(session, { decisions: decide({ approve: true }) })
      .result;
    const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(results[0]).toMatch(/no tool is called "pay"/);
    await session.close();
  });

  it('waits on without a decision, and refuses one that was made on something else', async () => {
    const { session } = await suspended();
    const { pay, paid } = paying();
    const { agent } = agentOf([pay]);
    const { size } = await stat(join(dir, 'chat.jsonl'));
    const [waiting] = session.pending;
    for (const id of ['pay:0', `${waiting?.id.split('#')[0]}#${'0'.repeat(32)}`]) {
      expect(() => agent.resume(session, { decisions: [{ id, approve: true }] })).toThrow(
        `A decision names "${id}", but no call waits under this id. Waiting: ${waiting?.id}.`,
      );
    }
    expect((await stat(join(dir, 'chat.jsonl'))).size).toBe(size);
    const result = await agent.resume(session, { decisions: [] }).result;
    expect(result.stopReason).toBe('suspended');
    expect(session.pending).toHaveLength(1);
    expect(paid).toEqual([]);
    await expect(agent.run('And now?', { session })).rejects.toMatchObject({
      code: 'unfinished_run',
      message: expect.stringMatching(/waits for a decision on pay \(pay:0\)/) as string,
    });
    await session.close();
  });

  it('pays once though the yes comes twice: at the same time, or after the end', async () => {
    const { session, decide } = await suspended();
    const { pay, paid } = paying();
    const { agent } = agentOf([pay]);
    const decisions = decide({ approve: true });
    const first = agent.resume(session, { decisions });
    expect(() => agent.resume(session, { decisions })).toThrow(/A run is under way in the session/);
    await first.result;
    expect(() => agent.resume(session, { decisions })).toThrow(/no call waits under this id/);
    expect(paid).toEqual([{ eur: 70 }, { eur: 5 }]);
    await session.close();
  });

  it('does not go on in a fork, where its keys would stand for other calls', async () => {
    const { session } = await suspended();
    await session.close();
    const store = fileSessions({ dir });
    await store.fork('chat', 'fork');
    const fork = await store.open('fork');
    expect([fork.state, fork.pending]).toEqual(['ready', []]);
    const { agent, model } = agentOf([]);
    await agent.run('Never mind.', { session: fork });
    expect(model.requests[0]?.messages.filter(({ role }) => role === 'tool')).toHaveLength(2);
    await fork.close();
  });

  it('can be read by a person', async () => {
    const { session } = await suspended();
    await session.close();
    const lines = (await readFile(join(dir, 'chat.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\{"throughline":"session","v":1,"id":"chat","createdAtMs":\d+\}$/);
    expect(lines[2]).toMatch(
      /^\{"seq":2,"v":1,"runId":"[-0-9a-f]{36}","key":"input","event":\{"type":"message"/,
    );
  });
});

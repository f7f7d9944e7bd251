import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, tool } from '@throughline/core';
import { fileSessions } from '@throughline/sessions';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answer, clerk, decide, resumeCut, tryAnotherWay, tryToOpen } from '../sessions.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sessions-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const counting = () =>
  scriptedModel(({ messages }) => ({ text: `That was message ${messages.length - 1}.` }));

it('a chat goes on in another process, and can be tried another way', async () => {
  expect(await answer(counting(), dir, 'One.')).toBe('That was message 1.');
  expect(await answer(counting(), dir, 'Two.')).toBe('That was message 3.');
  const agent = new Agent({ model: counting() });
  const store = fileSessions({ dir });
  expect(await tryAnotherWay(agent, store, 'Another three.')).toBe('That was message 4.');
  expect(await tryToOpen(store, 'chat-1')).toBe('4 messages, ready');
});

it('a run that a crash cut is taken up; one that waits is decided on', async () => {
  const wiped: string[] = [];
  const wipe = tool({
    name: 'wipe',
    description: 'Wipes.',
    inputSchema: { type: 'object' },
    effect: 'destructive',
    execute: () => wiped.push('all') && 'wiped',
  });
  const store = memorySessions();
  const model = scriptedModel(({ messages }) =>
    messages.at(-1)?.role === 'tool'
      ? { text: 'Clean.' }
      : { calls: [{ name: 'wipe', arguments: {} }] },
  );
  const agent = clerk(model, wipe);
  const session = await store.open('chat');
  expect(await resumeCut(agent, session)).toBeUndefined();
  const waiting = await agent.run('Clean up.', { session });
  expect(waiting.stopReason).toBe('suspended');
  expect(await tryToOpen(store, 'chat')).toMatch(/^Somebody is at it: .*open in this process/);
  await session.close();
  const asked: string[] = [];
  const result = await decide(agent, store, 'chat', (details) => {
    asked.push(details);
    return { approve: true };
  });
  expect([asked, wiped, result.text]).toEqual([['wipe {}'], ['all'], 'Clean.']);
});

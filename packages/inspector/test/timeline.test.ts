import { Agent, ModelError, tool } from '@throughline/core';
import type { RecordedEvent, Run, RunEvent, SessionLine } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { Digest } from '../src/digest.ts';
import { forkRun } from '../src/fork.ts';
import type { Row, RowsAnswer, RowsChange } from '../src/shown.ts';
import { call, gate, world } from './support/world.ts';

type World = Awaited<ReturnType<typeof world>>;

async function rowsOf({ ask }: World, id: string): Promise<readonly Row[]> {
  return ((await ask(`rows?id=${encodeURIComponent(id)}&from=0&count=500`)).json() as RowsAnswer)
    .rows;
}

test('an agent inside a call has its steps deeper than the call, and its request is rebuilt too', async () => {
  const there = await world([]);
  const inner = new Agent({
    name: 'scout',
    model: scriptedModel([{ reasoning: 'I look.', text: 'All quiet.' }]),
  });
  const outer = new Agent({
    name: 'chief',
    model: scriptedModel([
      { calls: [{ name: 'scout', arguments: { task: 'Look.' } }] },
      { text: 'Quiet.' },
    ]),
    tools: [inner.asTool({ name: 'scout', description: 'Looks around.' })],
  });
  const session = await there.sessions.open('nested');
  await outer.run('What is there?', { session });
  await session.close();
  const rows = await rowsOf(there, 'nested');
  const inside = rows.filter(({ depth }) => depth === 1);
  expect(inside.map(({ kind }) => kind)).toEqual([
    'run',
    'heard',
    'step',
    'reasoning',
    'text',
    'end',
  ]);
  expect(inside[0]).toMatchObject({ title: 'scout' });
  expect(rows.find(({ kind }) => kind === 'call')).toMatchObject({
    title: 'scout',
    state: 'ok',
    depth: 0,
  });
  const at = `id=nested&run=${encodeURIComponent(inside[0]!.runId)}&step=1`;
  expect((await there.ask(`request?${at}&raw=1`)).text).toContain('Look.');
  const fork = await there.ask('fork', { id: 'nested', seq: inside[2]!.seq, newId: 'no' });
  expect(fork.text).toContain('an agent inside a call');
});

test('a fork counts as its steps those of the run itself, not those of an agent inside a call', async () => {
  const there = await world([]);
  const inner = new Agent({ name: 'scout', model: scriptedModel([{ text: 'All quiet.' }]) });
  const model = scriptedModel([
    { calls: [{ name: 'scout', arguments: { task: 'Look.' } }] },
    { text: 'Quiet.' },
  ]);
  const tools = [inner.asTool({ name: 'scout', description: 'Looks around.' })];
  const session = await there.sessions.open('nested');
  await new Agent({ name: 'chief', model, tools }).run('What is there?', { session });
  await session.close();
  const { endSeq } = (await rowsOf(there, 'nested')).find(({ kind }) => kind === 'call')!;
  await (await forkRun(there.sessions, { id: 'nested', newId: 'forked', seq: endSeq! })).close();
  const ends: RecordedEvent[] = [];
  for await (const lines of there.sessions.read('forked')) {
    ends.push(...lines.flatMap(({ event }) => (event.type === 'run.end' ? [event] : [])));
  }
  expect(ends.at(-1)).toMatchObject({ stopReason: 'aborted', steps: 1 });
});

test('doubts, refusals, retries, warnings and compactions are told where they happened', async () => {
  const there = await world([]);
  let broken = true;
  const agent = new Agent({
    model: scriptedModel((_, index) => {
      if (index === 0)
        return {
          calls: [
            { name: 'note', arguments: '{"text": ' },
            { name: 'note', arguments: { text: 'a' } },
          ],
        };
      if (broken) {
        broken = false;
        return {
          text: 'Half',
          error: new ModelError('connection', 'The connection broke.', { retryable: true }),
        };
      }
      return { text: 'Noted.' };
    }),
    tools: [
      tool({
        name: 'note',
        description: 'Notes.',
        inputSchema: z.object({ text: z.string() }),
        execute: () => 'noted',
      }),
    ],
    compaction: {
      atTokens: 1,
      shorten: async (messages) =>
        messages.length < 3
          ? undefined
          : { messages: messages.slice(0, 1), note: 'Forgot the rest.' },
    },
  });
  const session = await there.sessions.open('odd');
  const run = agent.stream('Note it.', { session });
  there.inspect.watch(run, { session: 'odd' });
  await run.result.catch(() => {});
  await session.close();
  const rows = await rowsOf(there, 'odd');
  const calls = rows.filter(({ kind }) => kind === 'call');
  expect(calls.map(({ state }) => state)).toEqual(['doubtful', 'ok']);
  expect(calls[0]!.text).toContain('{"text":');
  expect(calls[0]!.startMs).toBeUndefined(); // it never started, so it has no bar
  const order = rows.map(({ kind }) => kind);
  expect(rows.find(({ kind }) => kind === 'compacted')?.text).toBe('Forgot the rest.');
  expect(order.indexOf('retry')).toBeGreaterThan(order.indexOf('call'));
  expect(rows.find(({ kind }) => kind === 'retry')?.text).toContain('connection broke');
});

test('a read that starts before the answer is whole is early, with its measured times', async () => {
  const there = await world([]);
  const started = gate();
  const read = tool({
    name: 'read',
    description: 'Reads.',
    inputSchema: z.object({}),
    effect: 'read',
    execute: () => {
      started.open();
      return 'read';
    },
  });
  const script = scriptedModel([
    { calls: [{ name: 'read', arguments: {} }, call('weather', 'Oslo')] },
    { text: 'Done.' },
  ]);
  const model = {
    id: 'slow',
    async *stream(...asked: Parameters<typeof script.stream>) {
      for await (const parts of script.stream(...asked)) {
        if (parts.some((part) => part.type === 'finish' && part.reason === 'tool_calls'))
          await started.opened;
        yield parts;
      }
    },
  };
  const session = await there.sessions.open('early');
  const run = new Agent({ model, tools: [read] }).stream('Read.', { session });
  there.inspect.watch(run, { session: 'early' });
  await run.result;
  await session.close();
  const [first, second] = (await rowsOf(there, 'early')).filter(({ kind }) => kind === 'call');
  expect(first).toMatchObject({ title: 'read', early: true, measured: true });
  expect(second?.early).not.toBe(true);
});

test('20,000 live events of one run come in bounded messages, and what was stored comes once', async () => {
  const there = await world([]);
  const begin = gate();
  const many = tool({
    name: 'many',
    description: 'Tells much.',
    inputSchema: z.object({}),
    async *execute() {
      begin.entered();
      await begin.opened;
      for (let at = 0; at < 20_000; at++) yield { at };
      return 'told';
    },
  });
  const agent = new Agent({
    model: scriptedModel([{ calls: [{ name: 'many', arguments: {} }] }, { text: 'Done.' }]),
    tools: [many],
  });
  const session = await there.sessions.open('many');
  const run = agent.stream('Tell.', { session });
  there.inspect.watch(run as Run<unknown>, { session: 'many' });
  await begin.waiting;
  const told = await followed(there, 'many', {
    whenOpen: begin.open,
    until: ({ summary }) => summary.state === 'ready',
  });
  await run.result;
  await session.close();
  expect(told.bytes).toBeLessThan(300_000);
  const changed = told.rows.flatMap((change) => change.changed.map(([, row]) => row.kind));
  expect(changed.filter((kind) => kind === 'end')).toEqual(['end']);
});

test('what an agent inside a call writes travels to no page, since none shows it; what it does is told', async () => {
  const there = await world([]);
  const begin = gate();
  const wait = tool({
    name: 'wait',
    description: 'Waits.',
    inputSchema: z.object({}),
    execute: () => {
      begin.entered();
      return begin.opened;
    },
  });
  const inner = new Agent({
    name: 'scout',
    model: scriptedModel([
      { calls: [{ name: 'wait', arguments: {} }] },
      { reasoning: 'I look. '.repeat(500), text: 'All quiet. '.repeat(500) },
    ]),
    tools: [wait],
  });
  const outer = new Agent({
    model: scriptedModel([
      { calls: [{ name: 'scout', arguments: { task: 'Look.' } }] },
      { text: 'Quiet.' },
    ]),
    tools: [inner.asTool({ name: 'scout', description: 'Looks around.' })],
  });
  const session = await there.sessions.open('inside');
  const run = outer.stream('What is there?', { session });
  let written = 0;
  run.on('call.event', ({ event }) => void (written += 'delta' in event ? event.delta.length : 0));
  there.inspect.watch(run as Run<unknown>, { session: 'inside' });
  await begin.waiting;
  const told = await followed(there, 'inside', {
    whenOpen: begin.open,
    until: (_, live) => live.some(({ type }) => type === 'run.end'),
  });
  await run.result;
  await session.close();
  expect(written).toBeGreaterThan(9_000);
  const inside = told.live.flatMap((event) => (event.type === 'call.event' ? [event.event] : []));
  expect(inside.filter((event) => 'delta' in event)).toEqual([]);
  expect(inside.map(({ type }) => type)).toContain('step.start');
  expect(told.live.map(({ type }) => type)).toContain('text.delta');
});

test('a run that another process records is followed line by line', async () => {
  const there = await world([{ calls: [call('wait', 'Oslo')] }, { text: 'Waited.' }]);
  const session = await there.sessions.open('other');
  const run = there.agent.stream('Wait.', { session }); // the inspector is not told of it
  run.result.catch(() => {});
  await there.door.waiting;
  const told = await followed(there, 'other', {
    whenOpen: there.door.open,
    until: ({ changed }) => changed.some(([, row]) => row.kind === 'end'),
  });
  expect(told.rows[0]!.summary).toMatchObject({ state: 'running', holder: 'this process' });
  expect(told.rows[0]!.summary.live).toBeUndefined();
  expect(
    told.rows.flatMap(({ changed }) => changed).some(([, row]) => row.text === 'Waited.'),
  ).toBe(true);
  await run.result;
  await session.close();
});

/** Follows a session as the page does, until a change says that it is enough. */
async function followed(
  { origin, inspect }: World,
  id: string,
  {
    whenOpen,
    until,
  }: { whenOpen(): void; until(change: RowsChange, live: readonly RunEvent[]): boolean },
) {
  const stop = new AbortController();
  const headers = { 'x-throughline-token': inspect.token };
  const response = await fetch(`${origin}/api/follow?id=${id}`, { headers, signal: stop.signal });
  const rows: RowsChange[] = [];
  const live: RunEvent[] = [];
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    text += Buffer.from(chunk).toString();
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const [type, data] = message.split('\n');
      const said: unknown = JSON.parse(data!.slice('data: '.length));
      if (type === 'event: live') live.push(...(said as readonly RunEvent[]));
      if (type !== 'event: rows') continue;
      rows.push(said as RowsChange);
      if (rows.length === 1) whenOpen();
    }
    const last = rows.at(-1);
    if (last !== undefined && until(last, live)) break;
  }
  stop.abort();
  return { rows, live, bytes };
}

test('the time of a session is that of its work: two days in which a call waited are not', () => {
  const digest = new Digest();
  const day = 86_400_000;
  const message = { role: 'assistant', content: 'So.' };
  const timing = { firstPartMs: 1, totalMs: 40 };
  const answer = { type: 'answer', message, finishReason: 'stop', attempts: 1, timing };
  const events = [
    { type: 'run.start', agent: 'guide', model: 'm', startedAtMs: 1_000 },
    { type: 'message', source: 'input', messages: [{ role: 'user', content: 'Go.' }] },
    { ...answer, step: 1, endedAtMs: 1_100 },
    { type: 'run.end', stopReason: 'suspended', text: '', steps: 1, usage: {} },
    { ...answer, step: 2, endedAtMs: 1_000 + 2 * day },
    { ...answer, step: 3, endedAtMs: 1_060 + 2 * day },
  ];
  for (const [at, event] of events.entries()) {
    digest.add({
      seq: at + 1,
      v: 1,
      runId: 'r',
      key: String(at),
      event: { runId: 'r', ...event },
    } as SessionLine);
  }
  expect(digest.told.durationMs).toBe(100 + 40 + 60);
  expect(digest.state).toBe('cut');
});

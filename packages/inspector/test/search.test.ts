import { writeFile } from 'node:fs/promises';
import { inspector } from '@throughline/inspector';
import type { InspectedSessions } from '@throughline/inspector';
import { expect, onTestFinished, test } from 'vitest';
import { forkRun } from '../src/fork.ts';
import type { RowsAnswer, Summary } from '../src/shown.ts';
import { call, world } from './support/world.ts';

const trip = [
  { reasoning: 'I look at the sky.', calls: [call('weather', 'Oslo')] },
  { text: 'It is sunny in Oslo.' },
];

test('what a person said of a call is found, and the hit leads to the row of that call', async () => {
  const { run, ask } = await world([
    { calls: [call('weather', 'Oslo'), call('wipe', 'Rome')] },
    { text: 'Then not.' },
  ]);
  await run('danger', 'Wipe Rome.');
  const { pending } = (await ask('session?id=danger')).json() as Summary;
  const decision = {
    id: 'danger',
    call: pending[0]!.id,
    decision: { refuse: 'People live there.' },
  };
  await ask('decide', decision);
  await expect
    .poll(async () => ((await ask('session?id=danger')).json() as Summary).state)
    .toBe('ready');
  const [found] = (await ask('sessions?q=people%20live')).json() as Summary[];
  expect(found!.hits!.length).toBe(2); // the decision, and what the model reads of it
  const decided = found!.hits!.find(({ type }) => type === 'call.decided')!;
  const [called] = (await ask('sessions?q=rome')).json() as Summary[];
  expect(called!.hits!.filter(({ excerpt }) => excerpt === '{"city":"Rome"}').length).toBe(1);
  const { at } = (await ask(`row?id=danger&seq=${decided.seq}`)).json() as { at: number };
  const { rows } = (await ask('rows?id=danger&from=0&count=99')).json() as RowsAnswer;
  expect(rows[at]).toMatchObject({ kind: 'call', title: 'wipe' });
});

test('words of the format are not what was said', async () => {
  const { run, ask } = await world(trip);
  await run('trip', 'Shall I take an umbrella?');
  for (const words of ['assistant', 'call.end', 'finishReason', 'run.start'])
    expect((await ask(`sessions?q=${words}`)).json()).toEqual([]);
});

test('a session that goes away while it is searched does not spoil what the others hold', async () => {
  const { sessions, run } = await world([...trip, { text: 'Nothing in Oslo.' }]);
  await run('trip', 'Shall I?');
  await run('gone', 'Say nothing.');
  const reads = new Map<string, number>();
  const failing: InspectedSessions = {
    ...sessions,
    tail(id, options) {
      reads.set(id, (reads.get(id) ?? 0) + 1);
      return sessions.tail(id === 'gone' && reads.get(id)! > 1 ? 'deleted' : id, options);
    },
  };
  const { ask } = await asking(failing);
  expect(((await ask('sessions?q=oslo')) as Summary[]).map(({ id }) => id)).toEqual(['trip']);
});

test('a list that is asked for again opens only the files that have changed, and broken ones no more than whole ones', async () => {
  const { sessions, run, dir } = await world([...trip, { text: 'Hello.' }, { text: 'Bye.' }]);
  await run('trip', 'Shall I?');
  await run('chat', 'Hi.');
  await writeFile(`${dir}/broken.jsonl`, '{"throughline":"session","v":1,"id":"broken"}\n{}\n');
  const reads: string[] = [];
  const counted: InspectedSessions = {
    ...sessions,
    tail(id, options) {
      reads.push(id);
      return sessions.tail(id, options);
    },
  };
  const { ask } = await asking(counted);
  await ask('sessions');
  expect(reads.toSorted()).toEqual(['broken', 'chat', 'trip']);
  await ask('sessions');
  expect(reads.length).toBe(3);
  await run('chat', 'And now?');
  const list = (await ask('sessions')) as Summary[];
  expect(reads.slice(3)).toEqual(['chat']);
  expect(list.find(({ id }) => id === 'chat')).toMatchObject({ runs: 2 });
  expect(list.find(({ id }) => id === 'broken')).toMatchObject({ state: 'unreadable' });
});

test('what is told of one session, and a fork, look at that session alone and not at the whole folder', async () => {
  const { sessions, run } = await world([...trip, { text: 'Hello.' }]);
  await run('trip', 'Shall I?');
  await run('chat', 'Hi.');
  let lists = 0;
  const counted: InspectedSessions = {
    ...sessions,
    list() {
      lists++;
      return sessions.list();
    },
  };
  const { ask } = await asking(counted);
  expect(await ask('session?id=trip')).toMatchObject({ id: 'trip', state: 'ready' });
  expect(await ask('session?id=none')).toMatchObject({ error: { code: 'session_not_found' } });
  await (await forkRun(counted, { id: 'trip', newId: 'fork', seq: 3 })).close();
  await expect(forkRun(counted, { id: 'trip', newId: 'chat', seq: 3 })).rejects.toThrow('already');
  expect(lists).toBe(0);
});

/** An inspector of its own over a store. */
async function asking(sessions: InspectedSessions) {
  const inspect = inspector({ sessions });
  const server = await inspect.listen();
  onTestFinished(() => server.close());
  const { origin } = new URL(server.url);
  const headers = { 'x-throughline-token': inspect.token };
  const ask = async (path: string) =>
    (await fetch(`${origin}/api/${path}`, { headers })).json() as Promise<unknown>;
  return { ask };
}

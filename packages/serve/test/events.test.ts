import { events, eventsResponse } from '@throughline/serve';
import type { RunEvent } from '@throughline/core';
import { expect, test } from 'vitest';
import { all, gate, heard, listen, post, served, world } from './support/world.ts';
import type { Heard } from './support/world.ts';

const script = [
  { reasoning: 'I look first.', calls: [{ name: 'weather', arguments: { city: 'Oslo' } }] },
  { reasoning: 'Now I know.', text: 'It is sunny in Oslo.' },
];
const waits = [{ calls: [{ name: 'wait', arguments: { city: 'Oslo' } }] }, { text: 'Waited.' }];
const wipes = [{ calls: [{ name: 'wipe', arguments: { city: 'Oslo' } }] }, { text: 'Done.' }];

const types = (told: readonly Heard[]) => told.flatMap(({ event }) => event?.type ?? []);
const last = (told: readonly Heard[]) => told.findLast(({ id }) => id !== undefined)?.id;
const end = (told: readonly Heard[]) => told.at(-1)?.event as RunEvent & { type: 'run.end' };

async function lines(there: ReturnType<typeof world>) {
  const session = await there.sessions.open('chat');
  const found = (await all(session.log.read())).flat();
  await session.close();
  return found;
}

test('a run is streamed as server-sent events whose ids are the lines of the session', async () => {
  const there = world(script);
  const url = await listen(events(served(there)));
  const response = await post(url, { session: 'chat', input: 'How is Oslo?' });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
  const told = await all(heard(response));
  expect(types(told)).toContain('reasoning.delta');
  expect(end(told)).toMatchObject({ stopReason: 'answer', text: 'It is sunny in Oslo.' });
  const stored = await lines(there);
  const numbered = told.filter(({ id }) => id !== undefined);
  expect(numbered.map(({ id }) => id)).toEqual(stored.map(({ seq }) => seq));
  expect(numbered.map(({ event }) => event)).toEqual(stored.map(({ event }) => event));
});

test('a reader that comes back in the middle of a run misses nothing recorded, wherever it was cut', async () => {
  for (let cut = 0; cut < 4; cut++) {
    const there = world(waits);
    const url = await listen(events(served(there, { whenLeft: 'continue' })));
    const before: Heard[] = [];
    const response = await post(url, { session: 'chat', input: 'Wait.' });
    for await (const one of heard(response)) {
      before.push(one);
      if ((last(before) ?? 0) > cut) break; // leaves the stream: the connection closes
    }
    await there.gate.waiting;
    const headers = { 'last-event-id': String(last(before)) };
    const back = heard(await fetch(`${url}?session=chat`, { headers }));
    const first = await back.next();
    there.gate.open();
    const after = [first.value as Heard, ...(await all(back))];
    const ids = [...before, ...after].flatMap(({ id }) => id ?? []);
    expect(ids).toEqual((await lines(there)).map(({ seq }) => seq));
    expect(end(after).stopReason).toBe('answer');
    expect(there.did).toEqual(['wait Oslo']);
  }
});

test('a reader that comes late is shown what the step under way has said so far', async () => {
  const there = world(waits);
  const url = await listen(events(served(there)));
  const first = heard(await post(url, { session: 'chat', input: 'Wait.' }));
  await first.next();
  await there.gate.waiting;
  const second = heard(await fetch(`${url}?session=chat`));
  const told: Heard[] = [];
  for await (const one of second) {
    told.push(one);
    if (one.event?.type === 'call.progress') break;
  }
  expect(types(told)).toEqual(['run.start', 'message', 'answer', 'call.start', 'call.progress']);
  there.gate.open();
  expect(end(await all(first)).stopReason).toBe('answer'); // one reader's leaving is not the last one's
});

test('a reader that has everything is answered 204 once the run has ended, and one that has a part gets the rest', async () => {
  const there = world(script);
  const url = await listen(events(served(there)));
  const told = await all(heard(await post(url, { session: 'chat', input: 'How is Oslo?' })));
  const back = (id: number) =>
    fetch(`${url}?session=chat`, { headers: { 'last-event-id': String(id) } });
  expect((await back(last(told) ?? 0)).status).toBe(204);
  const rest = await all(heard(await back(2)));
  expect(rest.map(({ id }) => id)).toEqual((await lines(there)).slice(2).map(({ seq }) => seq));
});

test('the run is aborted when its reader leaves, and the next message goes on', async () => {
  const there = world([...waits.slice(0, 1), { text: 'Here again.' }]);
  const runs = served(there);
  const url = await listen(events(runs));
  const response = heard(await post(url, { session: 'chat', input: 'Wait.' }));
  await response.next();
  await there.gate.waiting;
  await response.return(undefined);
  const told = await all(heard(await post(url, { session: 'chat', input: 'And now?' })));
  expect(end(told).text).toBe('Here again.');
  const stored = await lines(there);
  const ends = stored.flatMap(({ event }) => (event.type === 'run.end' ? event.stopReason : []));
  expect(ends).toEqual(['aborted', 'answer']);
  expect(runs.size).toBe(0);
});

test('no response stays open for a person: the run suspends, and a decision resumes it', async () => {
  const there = world(wipes);
  const runs = served(there);
  const url = await listen(events(runs));
  const told = await all(heard(await post(url, { session: 'chat', input: 'Wipe Oslo.' })));
  const { stopReason, pending = [] } = end(told);
  expect(stopReason).toBe('suspended');
  expect(runs.size).toBe(0);
  expect(there.did).toEqual([]);
  const busy = await post(url, { session: 'chat', input: 'Hello?' });
  expect([busy.status, await busy.json()]).toMatchObject([
    409,
    { error: { code: 'unfinished_run' } },
  ]);
  const id = pending[0]?.id;
  const yes = { session: 'chat', decisions: [{ id, approve: true }] };
  const after = await all(heard(await post(url, yes)));
  expect(end(after).stopReason).toBe('answer');
  expect(there.did).toEqual(['wipe Oslo']);
  const again = await post(url, yes);
  expect([again.status, await again.json()]).toMatchObject([
    409,
    { error: { code: 'not_pending' } },
  ]);
  expect(there.did).toEqual(['wipe Oslo']);
});

test('a client gives the result of a call only where the host takes it', async () => {
  const there = world(wipes);
  const url = await listen(events(served(there)));
  const told = await all(heard(await post(url, { session: 'chat', input: 'Wipe Oslo.' })));
  const decisions = [{ id: end(told).pending?.[0]?.id, result: 'gone, trust me' }];
  const refused = await post(url, { session: 'chat', decisions });
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { error: { code: 'result_not_allowed' } },
  ]);
  const lenient = await listen(events(served(there, { resultsFor: ['wipe'] })));
  expect(end(await all(heard(await post(lenient, { session: 'chat', decisions })))).text).toBe(
    'Done.',
  );
  expect(there.did).toEqual([]);
});

test('one run at a time: a second message while one is under way is refused, and harms nothing', async () => {
  const there = world(waits);
  const url = await listen(events(served(there)));
  const first = heard(await post(url, { session: 'chat', input: 'Wait.' }));
  await there.gate.waiting;
  const second = await post(url, { session: 'chat', input: 'And?' });
  expect([second.status, await second.json()]).toMatchObject([
    409,
    { error: { code: 'session_busy' } },
  ]);
  there.gate.open();
  expect(end(await all(first)).stopReason).toBe('answer');
});

test('a failed run tells the client its code alone, and hides what is meant for the host', async () => {
  const secret = 'connect ECONNREFUSED 10.0.0.7 with key sk-123';
  const there = world([{ text: 'Half', error: new Error(secret) }]);
  const url = await listen(events(served(there)));
  const response = await post(url, { session: 'chat', input: 'Go.' });
  const told = await all(heard(response));
  expect(end(told)).toMatchObject({
    stopReason: 'failed',
    error: { message: 'The run failed: error.' },
  });
  expect(JSON.stringify(told)).not.toContain('sk-123');
  const back = await fetch(`${url}?session=chat`);
  expect(await back.text()).not.toContain('sk-123');
});

const odd = [
  ['a body that is no JSON', { body: '{"session":' }, 400, 'bad_request'],
  ['a body that is no object', { body: '[1]' }, 400, 'bad_request'],
  ['a body that is no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400, 'bad_request'],
  [
    'a body of another type',
    { headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  ['a body that is too large', { body: `"${'x'.repeat(5_000)}"` }, 413, 'body_too_large'],
  ['no session', { body: '{"input":"Hi."}' }, 400, 'bad_request'],
  [
    'a session that is no text',
    { body: '{"session":{"$ne":1},"input":"Hi."}' },
    400,
    'bad_request',
  ],
  ['no input', { body: '{"session":"chat"}' }, 400, 'bad_request'],
  [
    'an input that is no text',
    { body: '{"session":"chat","input":{"role":"system"}}' },
    400,
    'bad_request',
  ],
  ['decisions that are no list', { body: '{"session":"chat","decisions":{}}' }, 400, 'bad_request'],
  ['another method', { method: 'PUT' }, 405, 'method_not_allowed'],
] as const;

for (const [what, init, status, code] of odd) {
  test(`${what} is answered ${status} with a typed error, and nothing is stored`, async () => {
    const there = world(script);
    const url = await listen(events(served(there, { maxBodyBytes: 4_000 })));
    const response = await post(url, { session: 'chat', input: 'Hi.' }, init as RequestInit);
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
    expect(await there.sessions.list()).toEqual([]);
  });
}

test('the host says which session a request may use, and may answer itself', async () => {
  const there = world(script);
  const runs = served(there, {
    authorize: (request, id) => {
      const user = request.headers.get('x-user');
      if (user === null) throw new Response('Log in.', { status: 401 });
      return user === 'eve' ? undefined : { session: `${user}/${id}` };
    },
  });
  const url = await listen(events(runs));
  const as = (user?: string) =>
    post(
      url,
      { session: 'chat', input: 'Hi.' },
      {
        headers: { 'content-type': 'application/json', ...(user && { 'x-user': user }) },
      },
    );
  expect((await as()).status).toBe(401);
  expect((await as('eve')).status).toBe(403);
  await all(heard(await as('ada')));
  expect((await there.sessions.list()).map(({ id }) => id)).toEqual(['ada/chat']);
});

test('a run that the host has started is streamed too, and aborted when its reader leaves', async () => {
  const there = world(waits);
  const run = there.agent.stream('Wait.');
  const ended = expect(run.result).rejects.toThrow('The last reader of the run left.');
  const told = heard(eventsResponse(run));
  expect((await told.next()).value?.event?.type).toBe('run.start');
  await there.gate.waiting;
  await told.return(undefined);
  await ended;
});

test('a run that a crash has cut is resumed by a request without decisions', async () => {
  const there = world([{ text: 'Here again.' }]);
  const session = await there.sessions.open('chat');
  const run = session.begin('r');
  const startedAtMs = Date.now();
  const about = { runId: 'r', agent: 'agent', model: 'scripted' };
  await run.record({ key: 'start', event: { type: 'run.start', ...about, startedAtMs } });
  const messages = [{ role: 'user' as const, content: 'Hi.' }];
  await run.record({
    key: 'input',
    event: { type: 'message', runId: 'r', source: 'input', messages },
  });
  await session.close(); // the process dies here
  const url = await listen(events(served(there)));
  const refused = await post(url, { session: 'chat', input: 'Hello?' });
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    { error: { code: 'unfinished_run' } },
  ]);
  const told = await all(heard(await post(url, { session: 'chat', decisions: [] })));
  expect(end(told)).toMatchObject({ stopReason: 'answer', text: 'Here again.' });
  expect(last(told)).toBe((await lines(there)).length);
});

test('a new message while a call waits goes on where the host says so, and its ids are the lines again', async () => {
  const there = world([...wipes.slice(0, 1), { text: 'Let it be.' }]);
  const url = await listen(events(served(there, { unfinished: 'leave' })));
  await all(heard(await post(url, { session: 'chat', input: 'Wipe Oslo.' })));
  const told = await all(heard(await post(url, { session: 'chat', input: 'No, wait.' })));
  expect(end(told).text).toBe('Let it be.');
  expect(last(told)).toBe((await lines(there)).length);
  expect(there.did).toEqual([]);
});

test('a run begins though others read its session at the same moment', async () => {
  const there = world(script);
  const asked = gate();
  const authorize = (_: Request, session: string) => {
    asked.entered();
    return { session };
  };
  const runs = served(there, { authorize });
  const url = await listen(events(runs));
  const door = gate();
  const read = async () => {
    door.entered();
    await door.opened;
  };
  const reads = [runs.visit('chat', read, read)];
  await door.waiting;
  reads.push(runs.visit('chat', read, read));
  const posted = post(url, { session: 'chat', input: 'How is Oslo?' });
  await asked.waiting;
  reads.push(runs.visit('chat', async () => {}, read));
  door.open();
  await Promise.all(reads);
  const response = await posted;
  expect(response.status).toBe(200);
  expect(end(await all(heard(response)))).toMatchObject({ stopReason: 'answer' });
});

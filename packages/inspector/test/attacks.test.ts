import { setTimeout as sleep } from 'node:timers/promises';
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { inspector } from '@throughline/inspector';
import { expect, onTestFinished, test } from 'vitest';
import type { RowsAnswer, Summary } from '../src/shown.ts';
import { call, gate, world } from './support/world.ts';

test('a page that takes nothing is let go, and another one that reads the same run is told all of it', async () => {
  const there = await world([]);
  const begin = gate();
  const piece = 'x'.repeat(100_000);
  let heard = () => 0;
  const model = {
    id: 'talker',
    async *stream() {
      begin.entered();
      await begin.opened;
      for (let at = 0; at < 160; at++) {
        yield [{ type: 'text' as const, delta: piece }];
        // So that no more than some pieces are told at once, however busy the machine is.
        while (heard() < (at - 10) * piece.length) await sleep(10);
      }
      yield [{ type: 'text' as const, delta: 'Said.' }];
      yield [{ type: 'finish' as const, reason: 'stop' as const }];
    },
  };
  const session = await there.sessions.open('talk');
  const run = new Agent({ model }).stream('Talk.', { session });
  there.inspect.watch(run, { session: 'talk' });
  await begin.waiting;
  const stalled = await follower(there, 'talk', { reads: false });
  const reader = await follower(there, 'talk', { reads: true });
  heard = () => reader.bytes;
  begin.open();
  await run.result.finally(() => session.close());
  await expect.poll(() => reader.text.includes('"state":"ready"'), { timeout: 20_000 }).toBe(true);
  stalled.resume();
  await stalled.ended; // else it would be followed for ever
  expect(stalled.bytes).toBeLessThan(160 * piece.length);
  expect((await there.ask('sessions')).status).toBe(200);
});

test('a session that is deleted while it is followed is told as gone, and the inspector stays', async () => {
  const there = await world([{ text: 'Hello.' }]);
  await there.run('chat', 'Hi.');
  const reader = await follower(there, 'chat', { reads: true });
  await expect.poll(() => reader.text.includes('event: rows')).toBe(true);
  await there.sessions.delete('chat');
  await reader.ended;
  expect(reader.text).toContain('event: problem');
  expect(reader.text).toContain('There is no session');
  expect((await there.ask('rows?id=chat&from=0&count=9')).status).toBe(404);
  expect((await there.ask('sessions')).json()).toEqual([]);
});

test('two pages that decide the same call at once run it once', async () => {
  const { run, ask, did } = await world([{ calls: [call('wipe', 'Rome')] }, { text: 'Gone.' }]);
  await run('danger', 'Wipe Rome.');
  const { pending } = (await ask('session?id=danger')).json() as Summary;
  const decision = { id: 'danger', call: pending[0]!.id, decision: { approve: true } };
  const answers = await Promise.all([ask('decide', decision), ask('decide', decision)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409]);
  await expect
    .poll(async () => ((await ask('session?id=danger')).json() as Summary).state)
    .toBe('ready');
  expect(did).toEqual(['wipe Rome']);
});

test('a port that is taken is an error that names it', async () => {
  const { server, sessions } = await world([]);
  const port = Number(new URL(server.url).port);
  await expect(inspector({ sessions }).listen({ port })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringContaining(`port ${port}`),
  });
});

test('ids that lead out of the folder name no session, whatever is asked of them', async () => {
  const { run, ask, dir, sessions } = await world([{ text: 'Hello.' }]);
  await run('chat', 'Hi.');
  await writeFile(
    join(dir, '..', 'outside-of-it.jsonl'),
    '{"throughline":"session","v":1,"id":"outside-of-it"}\n',
  );
  onTestFinished(() => rm(join(dir, '..', 'outside-of-it.jsonl')));
  const before = (await sessions.list()).length;
  for (const id of [
    '../outside-of-it',
    '/etc/passwd',
    '..',
    '.',
    '%2e%2e%2fchat',
    'a\u0000b',
    'x'.repeat(5_000),
  ]) {
    const at = encodeURIComponent(id);
    for (const path of [
      `session?id=${at}`,
      `rows?id=${at}&from=0&count=9`,
      `line?id=${at}&seq=1`,
      `export?id=${at}`,
      `cassette?id=${at}`,
      `request?id=${at}&run=r&step=1`,
      `follow?id=${at}`,
    ])
      expect([path.slice(0, 60), (await ask(path)).status >= 400]).toEqual([
        path.slice(0, 60),
        true,
      ]);
    for (const act of ['decide', 'resume', 'fork', 'steer', 'abort'])
      expect(
        (await ask(act, { id, seq: 1, newId: id, call: 'c', text: 't' })).status,
      ).toBeGreaterThan(400);
  }
  expect((await sessions.list()).length).toBe(before);
});

test('a fork under a name that leads out of the folder stays inside it', async () => {
  const { run, ask, sessions, dir } = await world([{ text: 'Hello.' }, { text: 'Again.' }]);
  await run('chat', 'Hi.');
  const { rows } = (await ask('rows?id=chat&from=0&count=9')).json() as RowsAnswer;
  const { seq } = rows.find(({ kind }) => kind === 'step')!;
  await ask('fork', { id: 'chat', seq, newId: '../../escaped' });
  expect((await sessions.list()).map(({ id }) => id)).toContain('../../escaped');
  expect((await readdir(join(dir, '..'))).filter((name) => name.includes('escaped'))).toEqual([]);
});

test('requests that are no requests of the page are refused in words', async () => {
  const { ask, origin, inspect, run } = await world([{ text: 'Hello.' }]);
  await run('chat', 'Hi.');
  const headers = { 'x-throughline-token': inspect.token };
  const post = (body: string) => fetch(`${origin}/api/steer`, { method: 'POST', headers, body });
  for (const body of ['', 'no json', '[]', 'null', '{"id":7}', '{"id":""}'])
    expect((await post(body)).status).toBe(409);
  const large = await post(JSON.stringify({ id: 'chat', text: 'x'.repeat(5_000_000) }));
  expect([large.status, await large.text()]).toEqual([409, expect.stringContaining('4000000')]);
  expect((await ask('rows?id=chat&from=-1&count=9')).status).toBe(409);
  expect((await ask('rows?id=chat&from=0&count=1e99')).status).toBe(409);
  expect((await ask('constructor')).status).toBe(404);
  expect((await fetch(`${origin}/`, { method: 'DELETE' })).status).toBe(405);
  expect((await ask('sessions')).status).toBe(200);
});

test('a torn line is left out until it is whole', async () => {
  const { run, ask, dir } = await world([{ text: 'Hello.' }]);
  await run('chat', 'Hi.');
  const total = async () =>
    ((await ask('rows?id=chat&from=0&count=99')).json() as RowsAnswer).total;
  const before = await total();
  const event = { type: 'run.start', runId: 'r', agent: 'a', model: 'm', startedAtMs: 1 };
  const line = JSON.stringify({ seq: 99, v: 1, runId: 'r', key: 'start', event });
  await appendFile(join(dir, 'chat.jsonl'), line.slice(0, 30));
  expect(await total()).toBe(before);
  await appendFile(join(dir, 'chat.jsonl'), `${line.slice(30)}\n`);
  expect(await total()).toBe(before + 1);
});

/** A page as a bare connection: it follows a session, and reads what comes, or nothing of it. */
async function follower(
  { origin, inspect }: Awaited<ReturnType<typeof world>>,
  id: string,
  { reads }: { readonly reads: boolean },
) {
  const socket: Socket = connect(Number(new URL(origin).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(
    `GET /api/follow?id=${id} HTTP/1.1\r\nHost: 127.0.0.1\r\nx-throughline-token: ${inspect.token}\r\nConnection: close\r\n\r\n`,
  );
  const told = {
    text: '',
    bytes: 0,
    resume() {
      socket.on('data', (data: Buffer) => {
        told.bytes += data.length;
        told.text += data.toString();
      });
    },
    ended: new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('error', () => resolve());
    }),
  };
  await new Promise<void>((resolve) => socket.once('readable', () => resolve()));
  if (reads) told.resume();
  return told;
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anyfast } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Model } from '@throughline/core';
import { inspector } from '@throughline/inspector';
import { fileSessions } from '@throughline/sessions';
import { cassette, scriptedModel } from '@throughline/testing';
import { expect, onTestFinished, test } from 'vitest';
import type { Summary } from '../src/shown.ts';
import { call, folder, world } from './support/world.ts';

async function program(model: Model, dir: string, tell: (url: string) => void) {
  const agent = new Agent({ model });
  const sessions = fileSessions({ dir });
  const session = await sessions.open('chat');
  // #region use
  const inspect = inspector({
    sessions,
    agent, // runs on what is decided or forked in the page; without it the page only shows
    body: ({ model, request }) => anyfast.body(model, request), // the bytes of a request
    cassette: ({ file, log, runId }) =>
      cassette.fromSession(file, log, { body: anyfast.body, runId }),
  });
  const server = await inspect.listen(); // 127.0.0.1, a free port
  tell(server.url); // the token is in it

  const run = agent.stream('Is it sunny?', { session });
  inspect.watch(run, { session: session.id }); // live, with steering and a stop
  // #endregion
  await run.result;
  await session.close();
  return server;
}

test('the program of the README shows its run', async () => {
  let url = '';
  const server = await program(
    scriptedModel([{ text: 'It is.' }]),
    await folder(),
    (told) => (url = told),
  );
  onTestFinished(() => server.close());
  const { origin, hash } = new URL(url);
  const headers = { 'x-throughline-token': hash.slice(1) };
  const answer = await fetch(`${origin}/api/sessions`, { headers });
  expect(await answer.json()).toMatchObject([
    { id: 'chat', title: 'Is it sunny?', state: 'ready' },
  ]);
});

test('it is mounted at any path, and leads to the path with a slash, where the page finds its data', async () => {
  const { inspect, run } = await world([{ text: 'Hello.' }]);
  await run('chat', 'Hi.');
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/dev/inspector')) inspect.handler(incoming, outgoing);
    else outgoing.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = await fetch(`${origin}/dev/inspector`);
  expect(page.url).toBe(`${origin}/dev/inspector/`);
  expect(await page.text()).toContain('<title>Throughline inspector</title>');
  const headers = { 'x-throughline-token': inspect.token };
  const list = await fetch(`${origin}/dev/inspector/api/sessions`, { headers });
  expect(await list.json()).toMatchObject([{ id: 'chat' }]);
});

test('watching a run decides nothing: a call that waits still suspends it', async () => {
  const { agent, inspect, ask } = await world([{ calls: [call('wipe', 'Rome')] }]);
  const run = agent.stream('Wipe Rome.');
  inspect.watch(run);
  expect((await run.result).stopReason).toBe('suspended');
  const list = (await ask('sessions')).json() as Summary[];
  expect(list).toMatchObject([{ id: `run ${run.id}`, title: 'Wipe Rome.', calls: 1 }]);
});

test('a run that fails while it is watched is no unhandled rejection, and its failure is told', async () => {
  const { agent, inspect, ask } = await world([]);
  const run = agent.stream('Say something.');
  inspect.watch(run);
  await expect
    .poll(async () => ((await ask('sessions')).json() as Summary[])[0]?.state)
    .toBe('stopped');
  const { text } = await ask(`rows?id=${encodeURIComponent(`run ${run.id}`)}&from=0&count=9`);
  expect(text).toContain('The script has no answer');
});

test('a watched run is steered and stopped; a run of another process is not', async () => {
  const { agent, sessions, inspect, ask, door } = await world([
    { calls: [call('wait', 'Oslo')] },
    { text: 'Over.' },
  ]);
  const session = await sessions.open('live');
  const run = agent.stream('Wait.', { session });
  expect((await ask('abort', { id: 'live' })).text).toContain('No run of this process');
  inspect.watch(run, { session: 'live' });
  await door.waiting;
  expect((await ask('steer', { id: 'live', text: ' ' })).status).toBe(409);
  expect((await ask('steer', { id: 'live', text: 'Hurry.' })).status).toBe(200);
  expect((await ask('abort', { id: 'live' })).status).toBe(200);
  await expect(run.result).rejects.toThrow('A person stopped the run in the inspector.');
  expect((await ask('steer', { id: 'live', text: 'Too late.' })).status).toBe(409);
  await session.close();
});

test('closing stops the runs that the page has started, and their sessions can be resumed', async () => {
  const { sessions, run, ask, inspect, door } = await world([
    { calls: [call('wipe', 'Rome')] },
    { calls: [call('wait', 'Oslo')] },
  ]);
  await run('danger', 'Wipe Rome.');
  const { pending } = (await ask('session?id=danger')).json() as Summary;
  await ask('decide', { id: 'danger', call: pending[0]!.id, decision: { approve: true } });
  await door.waiting;
  await inspect.close();
  const session = await sessions.open('danger'); // its lock is free
  expect(session.state).toBe('stopped');
  await session.close();
});

import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from '@throughline/core';
import type { Model, RunEvent } from '@throughline/core';
import { aiSdk, events, eventsResponse, nodeHandler, servedRuns } from '@throughline/serve';
import type { ServeOptions } from '@throughline/serve';
import { memorySessions } from '@throughline/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { all, gate, heard, listen, post, served, world } from './support/world.ts';

const streams = 500;
const open = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** A model whose every answer stops in its middle until the gate opens. */
function stopping(first = 'Half ', options: Partial<ServeOptions> = {}) {
  const door = gate();
  let asked = 0;
  const model: Model = {
    id: 'stopping',
    async *stream(_, signal) {
      asked++;
      yield [{ type: 'text', delta: first }];
      await Promise.race([
        door.opened,
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      ]);
      yield [
        { type: 'text', delta: 'and half.' },
        { type: 'finish', reason: 'stop' },
      ];
    },
  };
  const agent = new Agent({ model });
  const runs = servedRuns({
    agent,
    sessions: memorySessions(),
    authorize: (_, session) => ({ session }),
    ...options,
  });
  return { agent, runs, door, asked: () => asked };
}

test(`${streams} streams at once end each with its own answer, and leave nothing behind`, async () => {
  const { runs, door } = stopping();
  const url = await listen(events(runs));
  const before = open();
  const responses = await Promise.all(
    Array.from({ length: streams }, (_, at) => post(url, { session: `chat-${at}`, input: 'Go.' })),
  );
  expect(runs.size).toBe(streams);
  door.open();
  const ends = await Promise.all(
    responses.map(async (response) => (await all(heard(response))).at(-1)?.event),
  );
  expect(new Set(ends.map((end) => end?.runId)).size).toBe(streams);
  expect(ends.every((end) => end?.type === 'run.end' && end.text === 'Half and half.')).toBe(true);
  expect(runs.size).toBe(0);
  await vi.waitFor(() => expect(open()).toBeLessThan(before + streams / 2), 10_000);
});

test(`${streams} readers that leave at once abort ${streams} runs, and every session is free again`, async () => {
  const { runs, asked } = stopping();
  const url = await listen(aiSdk(runs));
  const leave = new AbortController();
  const body = (at: number) => ({
    id: `chat-${at}`,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Go.' }] }],
  });
  await Promise.all(
    Array.from({ length: streams }, (_, at) => post(url, body(at), { signal: leave.signal })),
  );
  await vi.waitFor(() => expect(asked()).toBe(streams), 30_000);
  leave.abort();
  await vi.waitFor(() => expect(runs.size).toBe(0), 30_000);
  const state = await runs.visit(
    'chat-7',
    async () => 'live',
    async (session) => session.state,
  );
  expect(state).toBe('stopped');
});

/** A model that says so many words at once, one a part. */
function talkative(words: number): Model {
  return {
    id: 'talkative',
    async *stream() {
      for (let at = 0; at < words; at++) {
        yield [{ type: 'text', delta: `${at} ` }];
        if (at % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      yield [{ type: 'finish', reason: 'stop' }];
    },
  };
}

test('a reader that takes nothing is given nothing more, and then the rest in a few events', async () => {
  const words = 20_000;
  const agent = new Agent({ model: talkative(words) });
  let shown = 0;
  const run = agent.stream('Go.');
  const response = eventsResponse(run, { show: (event) => (shown++, event) });
  const { text } = await run.result; // no reader holds a run up
  expect(shown).toBeLessThan(500); // some 16 KiB of them
  const told = await all(heard(response));
  expect(told.length).toBeLessThan(500);
  const deltas = told.flatMap(({ event }) => (event?.type === 'text.delta' ? event.delta : []));
  expect(deltas.join('')).toBe(text);
  expect(text.trim().split(' ')).toHaveLength(words);
});

test('a client behind a slow connection costs the server no more than what the network holds', async () => {
  const words = 400_000;
  const agent = new Agent({ model: talkative(words) });
  let shown = 0;
  const show = (event: RunEvent) => (shown++, event);
  const url = await listen(events(served({ ...world([]), agent }), { show }));
  const ended = new Promise((resolve) => agent.on('run.end', resolve));
  const client = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  client.end(JSON.stringify({ session: 'chat', input: 'Go.' }));
  const [incoming] = (await once(client, 'response')) as [IncomingMessage];
  incoming.pause();
  await ended;
  expect(shown).toBeLessThan(words / 4);
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk as string;
  expect(body).toContain('"stopReason":"answer"');
  expect(shown).toBeLessThan(words / 4); // the rest came joined
});

test('an idle stream is kept alive with comments, which no reader sees as events', async () => {
  const there = world([
    { calls: [{ name: 'wait', arguments: { city: 'Oslo' } }] },
    { text: 'Waited.' },
  ]);
  const url = await listen(events(served(there, { keepAliveMs: 2 })));
  const response = await post(url, { session: 'chat', input: 'Wait.' });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes(': \n\n')) there.gate.open();
  }
  expect(text).toContain('"stopReason":"answer"');
});

test('a reader that takes nothing for four keep-alives is gone: its run is aborted, one that reads is not', async () => {
  const { agent } = stopping('x'.repeat(40_000));
  const run = agent.stream('Go.');
  const ended = expect(run.result).rejects.toThrow('The last reader of the run left.');
  const response = eventsResponse(run, { keepAliveMs: 2 });
  await ended;
  await expect(response.text()).rejects.toThrow('The reader took nothing for too long.');
  const { agent: other, door } = stopping('x'.repeat(40_000));
  const reading = eventsResponse(other.stream('Go.'), { keepAliveMs: 2 });
  let kept = 0;
  for await (const chunk of reading.body ?? []) {
    if (chunk.length === 4 && ++kept === 10) door.open();
  }
  expect(kept).toBeGreaterThanOrEqual(10);
});

test('a client whose connection takes nothing is cut off, its run aborted, and its session free', async () => {
  const { runs } = stopping('x'.repeat(30_000_000), { keepAliveMs: 20 });
  const handler = nodeHandler(events(runs));
  let closed: (error?: unknown) => void = () => {};
  const isClosed = new Promise((resolve) => (closed = resolve));
  const server = createServer((asked, outgoing) => {
    outgoing.once('close', closed);
    handler(asked, outgoing);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  client.end(JSON.stringify({ session: 'chat', input: 'Go.' }));
  const [incoming] = (await once(client, 'response')) as [IncomingMessage];
  incoming.pause();
  await vi.waitFor(() => expect(runs.size).toBe(0), 30_000);
  await isClosed; // although the client still has not read
  await expect(all(incoming)).rejects.toThrow('aborted');
});

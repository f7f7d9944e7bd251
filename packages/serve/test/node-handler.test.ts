import { once } from 'node:events';
import { connect } from 'node:net';
import { Agent, tool } from '@throughline/core';
import type { SessionStore } from '@throughline/core';
import { events, nodeHandler, servedRuns } from '@throughline/serve';
import { memorySessions, scriptedModel } from '@throughline/testing';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { all, gate, heard, listen, post, served, world } from './support/world.ts';

function warnings() {
  const told: string[] = [];
  const hear = (warning: Error) => told.push(warning.message);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  return told;
}

test('a host whose own code throws is told by a warning of the process, and the client reads no word of it', async () => {
  const told = warnings();
  const authorize = () => {
    throw new Error('no database at 10.0.0.7');
  };
  const url = await listen(events(served(world([]), { authorize })));
  const response = await post(url, { session: 'chat', input: 'Hi.' });
  expect([response.status, await response.json()]).toEqual([
    500,
    { error: { code: 'error', message: 'The server failed.' } },
  ]);
  await vi.waitFor(() => expect(told).toContain('no database at 10.0.0.7'));
});

test('a client that leaves in the middle of its own request starts no run, and is no failure of the host', async () => {
  const told = warnings();
  const there = world([{ text: 'Hi.' }]);
  const handle = vi.fn(events(served(there)));
  const url = new URL(await listen(handle));
  const socket = connect(Number(url.port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"ses',
  );
  await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(1));
  const done = expect(handle.mock.results[0]?.value).rejects.toThrow();
  socket.destroy();
  await done;
  expect(await there.sessions.list()).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
});

test('the context that the host gives a request reaches its tools', async () => {
  const whoAmI = tool({
    name: 'who_am_i',
    description: 'Who asks.',
    inputSchema: z.object({}),
    effect: 'read',
    execute: (_, { context }: { context: { user: string } }) => `You are ${context.user}.`,
  });
  const runs = servedRuns({
    agent: new Agent({
      model: scriptedModel([{ calls: [{ name: 'who_am_i', arguments: {} }] }, { text: 'Hi.' }]),
      tools: [whoAmI],
    }),
    sessions: memorySessions(),
    authorize: (request, session) => ({
      session,
      context: { user: request.headers.get('x-user') ?? 'nobody' },
    }),
  });
  const headers = { 'content-type': 'application/json', 'x-user': 'ada' };
  const url = await listen(events(runs));
  const told = await all(heard(await post(url, { session: 'chat', input: 'Who?' }, { headers })));
  const end = told.find(({ event }) => event?.type === 'call.end')?.event;
  expect(end).toMatchObject({ message: { content: 'You are ada.' } });
});

test('a server that closes aborts its runs, ends their streams and takes no more requests', async () => {
  const there = world([{ calls: [{ name: 'wait', arguments: { city: 'Oslo' } }] }]);
  const runs = served(there);
  const url = await listen(events(runs));
  const told = all(heard(await post(url, { session: 'chat', input: 'Wait.' })));
  await there.gate.waiting;
  await runs.close();
  expect((await told).at(-1)?.event).toMatchObject({ type: 'run.end', stopReason: 'aborted' });
  const late = await post(url, { session: 'chat', input: 'Hi.' });
  expect([late.status, await late.json()]).toMatchObject([503, { error: { code: 'closing' } }]);
});

test('a request that the host still looks at when the server has closed opens no session', async () => {
  const there = world([{ text: 'Hi.' }]);
  const door = gate();
  const opened: string[] = [];
  const sessions: SessionStore = {
    ...there.sessions,
    open: (id) => (opened.push(id), there.sessions.open(id)),
  };
  let asked = 0;
  const authorize = async (_: Request, session: string) => {
    if (++asked === 2) door.entered();
    await door.opened;
    return { session };
  };
  const runs = served(there, { sessions, authorize });
  const url = await listen(events(runs));
  const late = [post(url, { session: 'a', input: 'Hi.' }), fetch(`${url}?session=b`)];
  await door.waiting;
  await runs.close();
  door.open();
  expect((await Promise.all(late)).map(({ status }) => status)).toEqual([503, 503]);
  expect(opened).toEqual([]);
});

test('a stop button aborts the run of a session, and its readers are told', async () => {
  const there = world([{ calls: [{ name: 'wait', arguments: { city: 'Oslo' } }] }]);
  const runs = served(there, { whenLeft: 'continue' });
  const url = await listen(events(runs));
  const told = all(heard(await post(url, { session: 'chat', input: 'Wait.' })));
  await there.gate.waiting;
  expect(runs.abort('chat')).toBe(true);
  expect((await told).at(-1)?.event).toMatchObject({ type: 'run.end', stopReason: 'aborted' });
  expect(runs.abort('chat')).toBe(false);
});

test.each([
  [{ whenLeft: 'stay' }, 'whenLeft must be'],
  [{ keepAliveMs: 0 }, 'keepAliveMs must be'],
  [{ maxBodyBytes: Number.NaN }, 'maxBodyBytes must be'],
  [{ authorize: undefined }, 'authorize must be a function'],
  [{ cors: '*' }, 'no option "cors"'],
])('an option that cannot be is refused in words: %o', (options, words) => {
  expect(() => served(world([]), options as never)).toThrow(words);
});

test('every cookie of an answer reaches the client', async () => {
  const headers = new Headers({ location: '/log-in' });
  for (const name of ['session', 'csrf']) headers.append('set-cookie', `${name}=; max-age=0`);
  const authorize = () => {
    throw new Response(null, { status: 401, headers });
  };
  const url = await listen(events(served(world([]), { authorize })));
  const answer = await post(url, { session: 'chat', input: 'Hi.' });
  expect([answer.status, answer.headers.get('location')]).toEqual([401, '/log-in']);
  expect(answer.headers.getSetCookie()).toEqual(['session=; max-age=0', 'csrf=; max-age=0']);
});

/** The status lines that a client reads which writes all that it has to say before it reads anything. */
async function spoken(url: string, ...requests: readonly string[]): Promise<readonly string[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  for (const request of requests) socket.write(request, 'latin1');
  let heard = '';
  for await (const chunk of socket) {
    heard += String(chunk);
    const lines = heard.match(/HTTP\/1\.1 \d+/g) ?? [];
    if (lines.length === requests.length) return lines;
  }
  return [heard];
}

test.each([
  ['is too large', 'application/json', 'x', 413],
  ['is of no use', 'text/plain', 'x', 415],
  ['is no text', 'application/json', '\u{e9}', 400],
])(
  'a body of 8 MB that %s does not hold up the next request behind it',
  async (_, type, letter, status) => {
    const url = await listen(events(served(world([]))));
    const body = Buffer.alloc(8_000_000, letter, 'latin1').toString('latin1');
    const head = `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
    const next = 'GET /?session=none HTTP/1.1\r\nhost: x\r\n\r\n';
    expect(await spoken(url, head + body, next)).toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 204']);
  },
);

test.each(['TRACE / HTTP/1.1', 'GET /\\\\[ HTTP/1.1'])(
  'a request that no page can send is no failure of the host: %s',
  async (line) => {
    const told = warnings();
    const url = await listen(events(served(world([]))));
    const [status] = await spoken(url, `${line}\r\nhost: x\r\n\r\n`);
    expect(status).toMatch(/ (400|501)$/);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
  },
);

test('a request reaches the handler under the path that a framework has cut off', async () => {
  const seen: string[] = [];
  const listener = nodeHandler(async ({ url }) => {
    seen.push(new URL(url).pathname);
    return new Response(null, { status: 204 });
  });
  const server = createServer((incoming, outgoing) => {
    listener(
      Object.assign(incoming, { originalUrl: '/api/chat/7/stream', url: '/7/stream' }),
      outgoing,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(204);
  expect(seen).toEqual(['/api/chat/7/stream']);
});

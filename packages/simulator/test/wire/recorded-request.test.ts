import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../src/index.ts';
import { ask, body, lintNames, start, streamed, until } from '../support.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('a record holds the request as it came, and how it ended, without the key', async () => {
  const simulator = await start({ script: [{ text: 'Yes.' }], key: 'a-secret' });
  const text = JSON.stringify(body(), undefined, 2);
  const reply = await ask(simulator, text, {
    headers: { 'x-test': 'here', 'x-api-key': 'a-secret' },
  });
  const [record] = simulator.requests;
  expect(record).toMatchObject({
    index: 0,
    method: 'POST',
    path: '/v1/chat/completions',
    bodyText: text,
    body: body(),
    status: 200,
    error: undefined,
    attempt: 1,
    answer: 0,
    closedByClient: false,
    cachedBytes: 0,
  });
  expect(record?.requestId).toBe(reply.headers.get('x-oneapi-request-id'));
  expect(record?.headers).toMatchObject({ authorization: 'Bearer [redacted]', 'x-test': 'here' });
  expect(JSON.stringify(record)).not.toContain('a-secret');
  expect(record?.promptBytes).toBeGreaterThan(50);
});

test('attempts are counted while the bytes are the same and the answer did not come', async () => {
  const faults = [{ fault: 'upstream-unavailable', times: 2 } as const];
  const simulator = await start({ script: () => ({ text: 'Yes.' }), faults });
  for (let n = 0; n < 3; n += 1) await ask(simulator, body());
  await ask(simulator, body({ stop: 'x' }));
  await ask(simulator, body());
  expect(simulator.requests.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1, 1]);
});

test('asking again before the time is told of', async () => {
  const faults = [
    { fault: 'upstream-overloaded', retryAfter: 5 },
    { fault: 'upstream-overloaded', retryAfter: 0 },
  ] as const;
  const simulator = await start({ script: [{ text: 'Yes.' }], faults });
  for (let n = 0; n < 3; n += 1) await ask(simulator, body());
  expect(
    simulator.requests.map((request) =>
      lintNames(request).filter((name) => name === 'retry-too-early'),
    ),
  ).toEqual([[], ['retry-too-early'], []]);
});

test('the log has a line for each request that ended, and is there when close is done', async () => {
  const log = join(folder(), 'requests.jsonl');
  const simulator = await startSimulator({ script: [{ text: 'Yes.' }], log });
  await ask(simulator, body());
  await ask(simulator, body({ messages: [] }));
  await simulator.close();
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line));
  expect(records.map(({ status }) => status)).toEqual([200, 400]);
  expect(JSON.parse(records[0].bodyText)).toEqual(body());
  expect(records[1].error).toContain('messages must not be empty');
});

test('a log that cannot be written is an error at the start', async () => {
  await expect(startSimulator({ log: join(folder(), 'no', 'such.jsonl') })).rejects.toThrow(
    'ENOENT',
  );
});

test('onRequest is told of every request that ended', async () => {
  const ended: (number | undefined)[] = [];
  const simulator = await start({ script: [], onRequest: ({ status }) => ended.push(status) });
  await ask(simulator, body());
  expect(ended).toEqual([500]);
});

test('only the latest requests keep their bodies if that is asked for', async () => {
  const simulator = await start({ script: () => ({ text: 'Yes.' }), keepBodies: 2 });
  for (let n = 0; n < 4; n += 1) await ask(simulator, body({ stop: `${n}` }));
  await until(() => simulator.requests[3]?.endedAt !== undefined);
  expect(simulator.requests.map(({ bodyText }) => bodyText !== '')).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('a body is dropped in its time also where an older request is still under way', async () => {
  const script = [{ text: 'Late.', delayMs: 60_000 }, { text: '1' }, { text: '2' }, { text: '3' }];
  const simulator = await start({ script, keepBodies: 1 });
  const leaving = new AbortController();
  const late = ask(simulator, body({ stop: 'late' }), { signal: leaving.signal });
  await until(() => simulator.requests[0]?.body !== undefined);
  for (let n = 0; n < 3; n += 1) await ask(simulator, body({ stop: `${n}` }));
  leaving.abort();
  await late;
  await until(() => simulator.requests[0]?.endedAt !== undefined);
  const kept = simulator.requests.map(({ bodyText }) => bodyText !== '');
  expect(kept).toEqual([true, false, false, false]);
});

test('bodies of refused requests are dropped as others are, a thousand being kept by default', async () => {
  const simulator = await start({ script: [] });
  const wrong = JSON.stringify(body({ messages: [] }));
  for (let n = 0; n < 1_001; n += 1) await ask(simulator, wrong);
  await until(() => simulator.requests[1_000]?.endedAt !== undefined);
  const kept = simulator.requests.filter(({ bodyText }) => bodyText !== '');
  expect([kept.length, simulator.requests[0]?.bodyText]).toEqual([1_000, '']);
  // What is counted of a body outlives the body.
  expect(simulator.requests[1_000]?.attempt).toBe(1_001);
});

test('a client that leaves is seen to leave, in a stream and before it', async () => {
  const script = [
    { text: 'x'.repeat(400), pieceDelayMs: 10 },
    { text: 'Yes.', delayMs: 5000 },
  ];
  const simulator = await start({ script });
  for (const n of [0, 1]) {
    const reply = await ask(simulator, streamed({ stop: `${n}` }), {
      signal: AbortSignal.timeout(40),
    });
    expect(reply.broken).toBeDefined();
    await until(() => simulator.requests[n]?.endedAt !== undefined);
    expect(simulator.requests[n]?.closedByClient).toBe(true);
  }
});

test('a stall is told once all before it has left, and on no other request', async () => {
  const script = [{ text: 'One.' }, { text: 'Two.' }];
  const simulator = await start({ script, faults: ['stall-in-text'] });
  const leaving = new AbortController();
  const stalled = ask(simulator, streamed(), { signal: leaving.signal });
  await until(() => simulator.requests[0]?.stalled === true);
  leaving.abort();
  await stalled;
  await ask(simulator, streamed());
  expect(simulator.requests.map((request) => request.stalled)).toEqual([true, false]);
});

test('a client that does not read holds up nothing but itself', async () => {
  const simulator = await start({ script: () => ({ text: 'x'.repeat(30_000_000) }) });
  const text = JSON.stringify(body());
  const { port } = new URL(simulator.url);
  const socket = createConnection(Number(port), '127.0.0.1');
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${simulator.key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  await until(() => simulator.requests[0]?.status === 200);
  expect((await ask(simulator, body({ messages: [] }))).status).toBe(400);
  expect(simulator.requests[0]?.endedAt).toBeUndefined();
  socket.destroy();
  await until(() => simulator.requests[0]?.endedAt !== undefined);
  expect(simulator.requests[0]?.closedByClient).toBe(true);
});

test('a cut body leaves in pieces of exactly so many bytes', async () => {
  const simulator = await start({ script: [{ text: 'né🙂' }], cutBytes: 7 });
  const text = JSON.stringify(streamed());
  const socket = createConnection(Number(new URL(simulator.url).port), '127.0.0.1');
  let raw = '';
  let reads = 0;
  socket.on('data', (data) => {
    raw += data.toString('latin1');
    reads += 1;
  });
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${simulator.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
  await until(() => raw.endsWith('\r\n0\r\n\r\n'));
  const sizes = [];
  let rest = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  for (let size = -1; size !== 0; rest = rest.slice(rest.indexOf('\r\n') + 4 + size)) {
    size = Number.parseInt(rest, 16);
    sizes.push(size);
  }
  expect(sizes.at(-1)).toBe(0);
  expect(sizes.at(-2)).toBeLessThanOrEqual(7);
  expect(new Set(sizes.slice(0, -2))).toEqual(new Set([7]));
  // Each full piece is read by itself; what is left comes with the end.
  expect(reads).toBeGreaterThanOrEqual(sizes.length - 2);
});

test('close ends what is under way at once, and leaves no handle', async () => {
  const handles = () =>
    process.getActiveResourcesInfo().filter((name) => name !== 'TTYWrap').length;
  const before = handles();
  const simulator = await startSimulator({
    script: [
      { text: 'Yes.', delayMs: 60_000 },
      { text: 'Yes.', pieceDelayMs: 60_000 },
    ],
    faults: [{ fault: 'stall-in-text', after: 5 }],
  });
  const asked = [ask(simulator, streamed()), ask(simulator, streamed({ stop: 'x' }))];
  await until(() => simulator.requests.length === 2);
  await simulator.close(); // long before the minute that both answers wait
  for (const reply of await Promise.all(asked)) expect(reply.broken).toBeDefined();
  expect(simulator.requests.every(({ endedAt }) => endedAt !== undefined)).toBe(true);
  expect(simulator.requests.some(({ closedByClient }) => closedByClient)).toBe(false);
  await expect(fetch(simulator.url)).rejects.toThrow();
  // The sockets of the clients are in this process as well, and close a little later.
  await expect.poll(handles).toBeLessThanOrEqual(before + 1);
});

test('close may be called twice', async () => {
  const simulator = await startSimulator();
  await simulator.close();
  await simulator.close();
});

import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { Gate } from '../src/gate.ts';
import { call, failure, kitOf, serving } from './site.ts';

/** How many requests were under way at once, in all and for each host. */
const most = { all: 0, host: 0, sockets: 0 };
const under = new Map<string, number>();
let sockets = 0;
let asked = 0;

const page = Buffer.alloc(1_000_000, 'x');
const server = createServer((request, response) => {
  asked++;
  const name = request.headers.host ?? '';
  under.set(name, (under.get(name) ?? 0) + 1);
  most.host = Math.max(most.host, under.get(name) ?? 0);
  most.all = Math.max(
    most.all,
    [...under.values()].reduce((sum, count) => sum + count, 0),
  );
  setTimeout(() => {
    response.on('close', () => under.set(name, (under.get(name) ?? 0) - 1));
    response.writeHead(200, { 'content-type': 'text/plain' }).end(page);
  }, 3);
});
server.on('connection', (socket) => {
  sockets++;
  most.sockets = Math.max(most.sockets, sockets);
  socket.on('close', () => sockets--);
});
const at = serving(server);
const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

beforeEach(() => {
  most.all = most.host = most.sockets = asked = 0;
});

test('300 fetches at once ask one host one at a time, over one connection at a time', async () => {
  const host = `one.test:${at.port}`;
  const kit = kitOf({ robots: false, allowPrivate: [host] }, lookup);
  const before = process.memoryUsage().arrayBuffers;
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  // The signal of a run is shared by all its calls.
  const { signal } = new AbortController();
  const told = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      call(kit, 'fetch_page', { url: `http://${host}/${index}` }, signal),
    ),
  );
  process.off('warning', warned);
  expect(warnings).toEqual([]);
  expect(told.every((words) => words.includes('characters 1 to 30,000 of 1,000,000'))).toBe(true);
  expect(asked).toBe(300);
  expect(most.host).toBe(1);
  expect(most.sockets).toBeLessThanOrEqual(2); // one may still be closing
  // All bodies together are 300 MB. What is not collected yet counts as well.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000_000);
});

test('300 fetches at once of 100 hosts have at most six requests under way', async () => {
  const hosts = Array.from({ length: 100 }, (_, index) => `host${index}.test:${at.port}`);
  const kit = kitOf({ robots: false, allowPrivate: hosts }, lookup);
  await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      call(kit, 'fetch_page', { url: `http://${hosts[index % 100]}/${index}` }),
    ),
  );
  expect(asked).toBe(300);
  expect(most.host).toBe(1);
  expect(most.all).toBeGreaterThan(1);
  expect(most.all).toBeLessThanOrEqual(6);
  expect(most.sockets).toBeLessThanOrEqual(12); // six may still be closing
});

test('a host with a long line keeps no other host waiting', async () => {
  const gate = new Gate();
  const never = new AbortController().signal;
  const leave = await gate.enter('slow.test', never);
  const waiting = Array.from({ length: 8 }, () => gate.enter('slow.test', never));
  const leaves = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((host) => gate.enter(host, never)),
  );
  let isIn = false;
  const seventh = gate.enter('g', never).then((leave) => {
    isIn = true;
    return leave;
  });
  await sleep(5);
  expect(isIn).toBe(false);
  leaves[0]?.();
  (await seventh)();
  leave();
  for (const one of waiting) (await one)();
});

test('a fetch that is aborted in the line leaves it, and the others move up', async () => {
  const gate = new Gate();
  const never = new AbortController().signal;
  const leave = await gate.enter('a.test', never);
  const stop = new AbortController();
  const second = failure(gate.enter('a.test', stop.signal));
  const third = gate.enter('a.test', never);
  const reason = new Error('enough');
  stop.abort(reason);
  expect(await second).toBe(reason);
  leave();
  leave(); // a second time does nothing
  const leaveThird = await third;
  const fourth = gate.enter('a.test', never);
  let isIn = false;
  void fourth.then(() => (isIn = true));
  await sleep(5);
  expect(isIn).toBe(false);
  leaveThird();
  (await fourth)();
});

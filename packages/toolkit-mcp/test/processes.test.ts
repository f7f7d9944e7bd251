import { join } from 'node:path';
import { Agent } from '@throughline/core';
import { expect, test, vi } from 'vitest';
import { caller, callAll, callOne } from './support/calls.ts';
import { find, folder, hostile, isAlive, lines, toolkits, until } from './support/servers.ts';

const { connect, warnings } = toolkits();
const here = folder();

test('banners, rubbish, answers to nobody and second answers on stdout do no harm', async () => {
  const kit = await connect({ n: hostile('noisy') });
  const { told } = await callAll(kit, [['n__say', {}]], [['n__say', {}]]);
  expect(told).toEqual(['first', 'first']);
  expect(warnings).toEqual([]);
});

test('a flood on stderr neither blocks the server nor is kept', async () => {
  const kit = await connect({ n: hostile('noisy') });
  expect((await callOne(kit, 'n__stderr')).told).toBe('after the flood');
});

test('a line without end ends the server, in words, and the next call has a new one', async () => {
  const kit = await connect({ n: hostile('noisy') });
  const { outcome, told } = await callOne(kit, 'n__burst');
  expect(outcome).toBe('failed');
  expect(told).toMatch(
    /^The MCP server "n" did not answer: .* may or may not have taken effect\.$/,
  );
  expect(warnings[0]).toBe(
    'The MCP server "n": The server wrote a line of more than 10000000 bytes.',
  );
  expect((await callOne(kit, 'n__say')).told).toBe('first');
});

test('a server that dies in mid-call fails that call, and is started again for the next one', async () => {
  const kit = await connect({ m: hostile('mortal') });
  const first = await callOne(kit, 'm__live');
  const { outcome, told } = await callOne(kit, 'm__die');
  expect(outcome).toBe('failed');
  expect(told).toBe(
    'The MCP server "m" did not answer: Connection closed. The call may or may not have taken effect.',
  );
  expect(warnings).toEqual([
    'The MCP server "m" has ended (exit code 3); the next call connects again. It last wrote: out of memory',
  ]);
  const again = await callOne(kit, 'm__live');
  expect(again.told).toMatch(/^alive, process \d+$/);
  expect(again.told).not.toBe(first.told);
});

test('a server that closes its stdout and lives fails its calls at once, and is started again for the next one', async () => {
  const kit = await connect({ h: { ...hostile('halved'), timeoutMs: 30_000 } });
  const first = await callOne(kit, 'h__live');
  expect(await callOne(kit, 'h__hush')).toMatchObject({
    outcome: 'failed',
    told: 'The MCP server "h" did not answer: Connection closed. The call may or may not have taken effect.',
  });
  expect(warnings).toEqual([expect.stringContaining('The MCP server "h" has ended')]);
  const again = await callOne(kit, 'h__live');
  expect(again.told).toMatch(/^alive, process \d+$/);
  expect(again.told).not.toBe(first.told);
});

test('a server that closes its stdin and lives fails the call that it cannot read, and is started again for the next one', async () => {
  const kit = await connect({ h: { ...hostile('halved'), timeoutMs: 30_000 } });
  expect((await callOne(kit, 'h__shut')).told).toBe('shut');
  const unread = await callOne(kit, 'h__live');
  expect(unread.outcome).toBe('failed');
  expect(unread.told).toMatch(/may or may not have taken effect\.$/);
  expect((await callOne(kit, 'h__live')).told).toMatch(/^alive, process \d+$/);
});

test('an abort reaches the server, and the run does not wait for its answer', async () => {
  const log = join(here.path, 'abort.log');
  const kit = await connect({ d: hostile('deaf', log) });
  const agent = new Agent({ model: caller([['d__wait', {}]]), tools: [kit], approve: () => true });
  const run = agent.stream('Go.');
  await until(async () => (await lines(log)).length === 1);
  run.abort(new Error('enough'));
  await expect(run.result).rejects.toThrow('enough');
  await until(async () => (await lines(log)).length === 2);
  const [called, cancelled] = await lines(log);
  expect(cancelled).toBe(called?.replace('called', 'cancelled'));
});

test('a call that takes longer than its time is given up, and the server is told', async () => {
  const log = join(here.path, 'late.log');
  const kit = await connect({ d: { ...hostile('deaf', log), timeoutMs: 200 } });
  expect(await callOne(kit, 'd__wait')).toMatchObject({ outcome: 'timeout' });
  await until(async () => (await lines(log)).some((line) => line.startsWith('cancelled')));
});

test('a server that ignores the end of stdin and SIGTERM is killed, and all it started with it', async () => {
  const log = join(here.path, 'stubborn.log');
  const kit = await connect({ s: hostile('stubborn', log) });
  await kit.dispose?.();
  const pids = (await lines(log)).join(' ').split(' ').map(Number);
  expect(pids).toHaveLength(2);
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
});

test('what a server leaves behind when it ends by itself is ended too', async () => {
  const log = join(here.path, 'leaving.log');
  const kit = await connect({ s: hostile('leaving', log) });
  await kit.dispose?.();
  const pids = (await lines(log)).join(' ').split(' ').map(Number);
  expect(pids).toHaveLength(2);
  await until(async () => !(await Promise.all(pids.map(isAlive))).includes(true));
});

test('a server that ends at any question before initialize is asked in the older way', async () => {
  const log = join(here.path, 'strict.log');
  const kit = await connect({ s: hostile('strict', log) });
  expect((await callOne(kit, 's__stay')).told).toBe('here');
  expect(await lines(log)).toHaveLength(2);
});

test('a server that cannot be started, or is not ready in time, is named, and nothing is left running', async () => {
  const log = join(here.path, 'beside.log');
  await expect(connect({ b: { command: '/no/such/program' } })).rejects.toMatchObject({
    code: 'connection',
    message: expect.stringMatching(/^The MCP server "b" cannot be reached: .*ENOENT/),
  });
  await expect(connect({ b: hostile('broken') })).rejects.toMatchObject({ code: 'connection' });
  expect(warnings.at(-1)).toContain('no configuration found');
  const late = connect(
    { slow: hostile('silent', log), s: hostile('stubborn', log) },
    { connectTimeoutMs: 1_500 },
  );
  await expect(late).rejects.toMatchObject({
    code: 'timeout',
    message: 'The MCP server "slow" was not ready within 1500 ms.',
  });
  const pids = (await lines(log)).join(' ').split(' ').map(Number);
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false, false]);
});

test('disposing while a server is being started again waits for nothing but its end', async () => {
  const log = join(here.path, 'again.log');
  const kit = await connect({ m: hostile('mortal', log) });
  await callOne(kit, 'm__die');
  const again = callOne(kit, 'm__live');
  await kit.dispose?.();
  expect((await again).outcome).toBe('failed');
});

test('the child sees the variables it is given and six of the host’s, and no other', async () => {
  vi.stubEnv('MCP_TEST_SECRET', 'hunter2');
  const kit = await connect({ e: { ...hostile('environment'), env: { GIVEN: 'yes' } } });
  const { told } = await callOne(kit, 'e__env');
  const seen = JSON.parse(String(told)) as Record<string, string>;
  expect(seen['GIVEN']).toBe('yes');
  const known = ['GIVEN', 'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
  expect(Object.keys(seen).filter((name) => !known.includes(name))).toEqual([]);
});

test('after dispose no call runs and no server is started', async () => {
  const kit = await connect({ m: hostile('mortal') });
  const live = find(kit, 'm__live');
  await kit.dispose?.();
  const { told } = await callOne({ name: 'm', tools: [live] }, 'm__live');
  expect(told).toBe('This call did not run: The MCP server "m" was disposed of.');
});

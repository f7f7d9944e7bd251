import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildHost } from './build-host.ts';
import { call, idIn, isAnyWith, processesWith, until, workshop } from './call.ts';

const shop = workshop();

/** A toolkit with a variable of its own in the environment of every command: by it a test finds what still runs. */
function marked() {
  const mark = randomUUID();
  const kit = shop.kit({ env: { TEST_MARK: mark } });
  return { mark, kit, left: () => processesWith(`TEST_MARK=${mark}`) };
}

/** A time to sleep that no other command has: by it a test finds also what runs without its environment. */
let naps = 0;
const nap = () => `300.${process.pid}${naps++}`;

let own: ReturnType<typeof marked>;
beforeEach(() => {
  own = marked();
});
const left = () => own.left();
afterEach(() => {
  expect(left()).toEqual([]);
});

describe('what a command leaves running ends with it, and the call does not wait for it', () => {
  // At once, since they wait for their commands.
  test.concurrent.each([
    ['silent in the background', 'sleep NAP & echo done'],
    ['chatty in the background', 'yes & sleep 0.1'],
    ['with its outputs closed', 'sleep NAP >/dev/null 2>&1 </dev/null & echo done'],
    ['in a session of its own', 'setsid sleep NAP & sleep 0.2; echo done'],
    ['deaf to hanging up', 'nohup sleep NAP & sleep 0.2; echo done'],
    ['disowned', 'sleep NAP & disown; echo done'],
    ['forked twice', '(setsid sh -c "sleep NAP & sleep NAP & exit" &); sleep 0.3; echo done'],
    ['deaf to asking', '(trap "" TERM HUP INT; sleep NAP) & sleep 0.2; echo done'],
    ['with a clean environment, in the group', 'env -i sleep NAP & sleep 0.2; echo done'],
  ])('%s', async (_what, command) => {
    const { kit, left } = marked();
    const time = nap();
    const input = { command: command.replaceAll('NAP', time), timeout_seconds: 100 };
    expect(await call(kit, 'run_command', input)).toMatch(
      /^Exit code 0 after .* It left (\d+ process(es)?) running, which (was|were) ended;/,
    );
    expect(left()).toEqual([]);
    expect(processesWith(time, 'cmdline')).toEqual([]);
  });
});

describe('a command whose time is over ends with all it has started', () => {
  test.concurrent.each([
    ['deaf to asking', 'trap "" TERM; while :; do sleep 0.1; done'],
    ['stopped', 'kill -STOP $$'],
    ['with children that are deaf', 'for i in 1 2 3; do (trap "" TERM; sleep NAP) & done; wait'],
    ['in sessions of their own', 'setsid sleep NAP & setsid setsid sleep NAP & wait'],
    ['with a clean environment in a session of its own', 'env -i setsid sleep NAP & wait'],
    [
      'deaf, with a clean environment in a session of its own',
      'env -i setsid sh -c "trap \\"\\" TERM; sleep NAP" & wait',
    ],
    ['behind a leader that has ended', '(sleep 0.1; sleep NAP) & exec sleep NAP'],
    // Bounded: 2 to the power of 7 processes.
    [
      'that doubles itself',
      'f() { [ $1 -gt 0 ] && { f $(($1 - 1)) & f $(($1 - 1)) & }; sleep NAP; }; f 6',
    ],
  ])('%s', async (_what, command) => {
    const { kit, left } = marked();
    const time = nap();
    const input = { command: command.replaceAll('NAP', time), timeout_seconds: 0.7 };
    await expect(call(kit, 'run_command', input)).resolves.toMatch(/^Timed out: /);
    expect(left()).toEqual([]);
    expect(processesWith(time, 'cmdline')).toEqual([]);
  });
});

test('no process is left of 200 aborted commands', async () => {
  const { kit } = own;
  const command =
    'setsid sleep 300 & nohup sleep 300 >/dev/null & (trap "" TERM; sleep 300) & sleep 300';
  let started = 0;
  for (let batch = 0; batch < 20; batch++) {
    const calls = Array.from({ length: 10 }, async (_, at) => {
      const controller = new AbortController();
      const reason = new Error(`enough of ${at}`);
      const work = call(kit, 'run_command', { command }, { signal: controller.signal });
      // Some at once, some while it starts, some in the middle.
      if (at > 2) await new Promise((resolve) => setTimeout(resolve, at * 10));
      if (isAnyWith(own.mark)) started++;
      controller.abort(reason);
      await expect(work).rejects.toBe(reason);
    });
    await Promise.all(calls);
  }
  expect(started).toBeGreaterThan(100);
  await until(() => left().length === 0);
}, 300_000);

describe('an abort', () => {
  test('before the start starts nothing', async () => {
    const reason = { not: 'an error' };
    const signal = AbortSignal.abort(reason);
    const { kit } = own;
    for (const name of ['run_command', 'start_command']) {
      await expect(call(kit, name, { command: 'sleep 300' }, { signal })).rejects.toBe(reason);
    }
  });

  test('while a command is started in the background ends it, since nobody knows its id', async () => {
    const controller = new AbortController();
    const work = call(
      own.kit,
      'start_command',
      { command: 'sleep 300' },
      { signal: controller.signal },
    );
    await until(() => left().length > 0);
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    await until(() => left().length === 0);
  });

  test('after the end changes nothing', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const told = await call(own.kit, 'run_command', { command: 'echo x' }, { signal });
    controller.abort();
    expect(told).toContain('Exit code 0');
  });

  test('while the time-out ends it rejects at once', async () => {
    const controller = new AbortController();
    const command = 'trap "" TERM; while :; do sleep 0.1; done';
    const work = call(
      own.kit,
      'run_command',
      { command, timeout_seconds: 0.3 },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error('enough')), 600);
    await expect(work).rejects.toThrow('enough');
    await until(() => left().length === 0);
  });
});

test('the toolkit’s end is the end of everything it has started', async () => {
  const { kit } = own;
  for (const command of [
    'sleep 300',
    'setsid sleep 300',
    'trap "" TERM; while :; do sleep 1; done',
  ]) {
    await call(kit, 'start_command', { command });
  }
  const waiting = call(kit, 'wait_for_command', { id: '1', seconds: 600 });
  const running = call(kit, 'run_command', { command: 'sleep 300' });
  await until(() => left().length >= 4);
  await kit.dispose?.();
  expect(left()).toEqual([]);
  await expect(waiting).resolves.toMatch(/^Stopped after /);
  await expect(running).resolves.toMatch(/^Stopped after /);
  await kit.dispose?.(); // again, and nothing happens
  await expect(call(kit, 'run_command', { command: 'true' })).rejects.toThrow(
    'the shell was closed',
  );
});

test('what runs ends with the host’s process, also where that disposes of nothing', async () => {
  const host = await buildHost('leaving-host', shop.root);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [host, shop.root, own.mark], { timeout: 60_000 });
  expect(stdout).toMatch(/Still running/);
  await until(() => left().length === 0);
});

test('a command that has ended is never signalled again, whatever process has its id now', async () => {
  const { kit } = own;
  const id = idIn(await call(kit, 'start_command', { command: 'echo x' }));
  await call(kit, 'wait_for_command', { id });
  const kill = vi.spyOn(process, 'kill');
  try {
    await expect(call(kit, 'stop_command', { id })).resolves.toMatch(
      /^It had ended before[.] Exit code 0 /,
    );
    await kit.dispose?.();
    expect(kill).not.toHaveBeenCalled();
  } finally {
    kill.mockRestore();
  }
});

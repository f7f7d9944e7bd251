import { describe, expect, test } from 'vitest';
import { call, idIn, until, workshop } from './call.ts';

const shop = workshop();

// Each test has a toolkit of its own.
describe.concurrent('a command in the background', () => {
  test('is started, read while it runs, waited for and told to the end', async () => {
    const kit = shop.kit();
    const command = 'echo begun; while [ ! -e go ]; do sleep 0.05; done; echo went; exit 4';
    const told = await call(kit, 'start_command', { command });
    expect(told).toMatch(
      /^The command has the id "1"[.] Still running after [\d.]+ s[.] Its output so far:\nbegun\n$/,
    );
    const id = idIn(told);
    await expect(call(kit, 'command_output', { id })).resolves.toMatch(
      /^Still running after .* Bytes 0 to 6 of 6 bytes[.]\nbegun\n$/,
    );
    await expect(call(kit, 'wait_for_command', { id, seconds: 0.1 })).resolves.toMatch(
      /^Still running after /,
    );
    const waiting = call(kit, 'wait_for_command', { id, seconds: 60 });
    await call(kit, 'run_command', { command: 'touch go' });
    await expect(waiting).resolves.toMatch(/^Exit code 4 after .* Output:\nbegun\nwent\n$/);
    await expect(call(kit, 'command_output', { id, offset: 6 })).resolves.toMatch(
      /^Exit code 4 after .* Bytes 6 to 11 of 11 bytes[.]\nwent\n$/,
    );
  });

  // Alone: a command that fails within 0.3 s is to be heard at once, so nothing may keep it from that.
  test.sequential('that fails at once says so when it is started', async () => {
    const told = await call(shop.kit(), 'start_command', { command: 'no-such-program' });
    expect(told).toMatch(/^The command has the id "1"[.] Exit code 127 after /);
  });

  test('says for how long it has written nothing', async () => {
    const kit = shop.kit();
    const id = idIn(await call(kit, 'start_command', { command: 'echo x; sleep 300' }));
    await expect(call(kit, 'wait_for_command', { id, seconds: 5.5 })).resolves.toMatch(
      /^Still running after [\d.]+ s[.] It has written nothing for [5-9][\d.]* s[.] Its output so far:\nx\n$/,
    );
  });

  test('is stopped with words of its own', async () => {
    const kit = shop.kit();
    const id = idIn(await call(kit, 'start_command', { command: 'echo x; sleep 300' }));
    await expect(call(kit, 'stop_command', { id })).resolves.toMatch(
      /^Stopped after [\d.]+ s, with all its processes[.] Output:\nx\n$/,
    );
    await expect(call(kit, 'wait_for_command', { id })).resolves.toMatch(/^Stopped after /);
  });

  test('may end in its own way when it is asked to', async () => {
    const kit = shop.kit();
    const command = 'trap "echo tidied; exit 0" TERM; echo up; while :; do sleep 0.05; done';
    const id = idIn(await call(kit, 'start_command', { command }));
    await until(async () => (await call(kit, 'command_output', { id })).includes('up'));
    await expect(call(kit, 'stop_command', { id })).resolves.toMatch(
      /\nup\n(Terminated\n)?tidied\n$/,
    );
  });

  test('shows the end of a long output, and the rest by pages', async () => {
    const kit = shop.kit();
    const id = idIn(await call(kit, 'start_command', { command: 'seq 1 50000; sleep 300' }));
    await until(async () =>
      (await call(kit, 'wait_for_command', { id, seconds: 0 })).includes('50000\n'),
    );
    const told = await call(kit, 'wait_for_command', { id, seconds: 0 });
    expect(told).toMatch(
      /It has written 288,894 bytes; these are the last[.] command_output with id "1"/,
    );
    expect(told.length).toBeLessThan(45_000);
    await expect(call(kit, 'command_output', { id })).resolves.toMatch(/\n1\n2\n/);
  });

  test('is waited for no longer than the run goes on', async () => {
    const kit = shop.kit();
    const id = idIn(await call(kit, 'start_command', { command: 'sleep 300' }));
    const controller = new AbortController();
    const waiting = call(
      kit,
      'wait_for_command',
      { id, seconds: 600 },
      { signal: controller.signal },
    );
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(call(kit, 'wait_for_command', { id, seconds: 0 })).resolves.toMatch(
      /^Still running/,
    );
  });
});

describe.concurrent('a command belongs to the run that has started it', () => {
  test('and another run, or the run of an agent inside it, cannot read, wait for or stop it', async () => {
    const kit = shop.kit();
    const id = idIn(
      await call(kit, 'start_command', { command: 'echo secret; sleep 300' }, { run: 'one' }),
    );
    for (const run of ['two', 'one/3/call/1', 'on', '']) {
      for (const name of ['command_output', 'wait_for_command', 'stop_command']) {
        await expect(call(kit, name, { id }, { run })).rejects.toThrow(
          `This run has no command "${id}". It has started none.`,
        );
      }
    }
    await expect(call(kit, 'command_output', { id }, { run: 'one' })).resolves.toContain('secret');
  });

  test('and an unknown id is answered with those there are', async () => {
    const kit = shop.kit();
    await call(kit, 'start_command', { command: 'true' });
    await call(kit, 'run_command', { command: 'true' });
    await expect(call(kit, 'command_output', { id: '17' })).rejects.toThrow(
      'This run has no command "17". It has "1", "2".',
    );
  });
});

test.concurrent('no more than 20 run at once', async () => {
  const kit = shop.kit();
  const twenty = Array.from({ length: 20 }, () =>
    call(kit, 'start_command', { command: 'sleep 300' }),
  );
  await Promise.all(twenty);
  await expect(call(kit, 'start_command', { command: 'true' })).rejects.toThrow(
    '20 commands are running, which is the most there may be; stop_command ends one.',
  );
  await call(kit, 'stop_command', { id: '7' });
  const id = idIn(await call(kit, 'start_command', { command: 'true' }));
  await expect(call(kit, 'wait_for_command', { id })).resolves.toContain('Exit code 0');
});

test.concurrent('of commands that have ended the last 50 are kept', async () => {
  const kit = shop.kit();
  for (let at = 0; at < 53; at++) await call(kit, 'run_command', { command: `echo ${at}` });
  await expect(call(kit, 'command_output', { id: '2' })).rejects.toThrow('has no command "2"');
  await expect(call(kit, 'command_output', { id: '53' })).resolves.toContain('\n52\n');
});

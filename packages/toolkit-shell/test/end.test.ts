import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, workshop } from './call.ts';

const shop = workshop();
const run = (command: string, more: object = {}) =>
  call(shop.kit(), 'run_command', { command, ...more });

describe('how a command ended is told in words of its own', () => {
  test.each([
    ['true', /^Exit code 0 after [\d.]+ s[.] It wrote nothing[.]$/],
    ['echo out; echo err >&2', /^Exit code 0 after [\d.]+ s[.] Output:\nout\nerr\n$/],
    ['echo why >&2; exit 3', /^Exit code 3 after [\d.]+ s[.] Output:\nwhy\n$/],
    ['no-such-program', /^Exit code 127 after .* The shell found no such command[.] Output:\n/],
    ['./', /^Exit code 126 after .* The shell could not run it: no permission, or no program[.]/],
    ['kill -SEGV $$', /^Ended by signal SIGSEGV after [\d.]+ s[.] It wrote nothing[.]$/],
    ['sh -c "kill -KILL \\$\\$"; exit $?', /^Exit code 137 .* a process was ended by SIGKILL[.]/],
    ['exit 255', /^Exit code 255 after [\d.]+ s[.] It wrote nothing[.]$/],
  ])('%s', async (command, words) => {
    await expect(run(command)).resolves.toMatch(words);
  });

  test('a time-out says so, how to have more time, and what was written before', async () => {
    await expect(run('echo begun; sleep 300', { timeout_seconds: 0.3 })).resolves.toMatch(
      /^Timed out: it did not end within 0[.]3 s, so it was ended with all its processes[.] Name a longer timeout_seconds, or use start_command[.] Output:\nbegun\n$/,
    );
  });
});

test('the outputs keep their order', async () => {
  const line = 'for i in 1 2 3; do echo o$i; echo e$i >&2; done';
  await expect(run(line)).resolves.toContain('o1\ne1\no2\ne2\no3\ne3\n');
});

test('a command begins anew each time', async () => {
  await run('cd /; X=1');
  await expect(run('echo "$PWD [$X]"')).resolves.toContain(`${shop.root} []`);
});

describe('what would wait for a person ends or fails', () => {
  test.each([
    ['cat', /^Exit code 0 .* It wrote nothing/],
    ['read x; echo "read: $?"', /read: 1/],
    ['read x </dev/tty', /^Exit code 1 /],
    ['less /etc/hostname', /./],
    ['sudo -k true', /./],
    ['ssh -o ConnectTimeout=1 nobody@127.0.0.1 -p 1 true', /^Exit code (255|127) /],
    ['git init -q . && git -c user.name=a -c user.email=a@a commit --allow-empty', /^Exit code 1 /],
    ['git clone -q https://user@127.0.0.1:1/x.git', /^Exit code 128 /],
    ['python3 -i', /./],
  ])('%s', async (command, words) => {
    const told = await run(command, { timeout_seconds: 60 });
    expect(told).toMatch(words);
    expect(told).not.toMatch(/^Timed out/);
  });
});

test('what waits all the same is ended when its time is over', async () => {
  const told = await run('tail -f /dev/null', { timeout_seconds: 0.5 });
  expect(told).toMatch(/^Timed out: /);
});

describe('a command that cannot be started is a failure in words', () => {
  test('where the folder is gone, a file, or outside', async () => {
    const kit = shop.kit();
    await call(kit, 'run_command', { command: 'mkdir in; ln -s /etc out; touch file' });
    const go = (folder: string) => call(kit, 'run_command', { command: 'pwd', folder });
    await expect(go('in')).resolves.toContain(join(shop.root, 'in'));
    await expect(go('nowhere')).rejects.toThrow('The folder "nowhere" is not there.');
    await expect(go('file')).rejects.toThrow('The folder "file" is a file.');
    await expect(go('..')).rejects.toThrow('The folder ".." leads out of the working folder.');
    await expect(go('in/../..')).rejects.toThrow('leads out of the working folder');
    await expect(go('out')).rejects.toThrow('The folder "out" leads out of the working folder.');
    await expect(go('/etc')).rejects.toThrow('is an absolute path');
    await expect(go('a\0b')).rejects.toThrow(String.raw`"a\u0000b" holds a NUL character`);
  });

  test('where the working folder itself is gone', async () => {
    const cwd = join(shop.root, 'short-lived');
    await mkdir(cwd);
    const kit = shop.kit({ cwd });
    await rmdir(cwd);
    await expect(call(kit, 'run_command', { command: 'pwd' })).rejects.toThrow(
      'The folder "." is not there.',
    );
  });

  test('where it holds a NUL or is longer than the system takes', async () => {
    await expect(run('echo \0')).rejects.toThrow('a command cannot hold a NUL character');
    await expect(run('x'.repeat(200_000))).rejects.toThrow('<=100000');
    await expect(run(`echo ${'é'.repeat(70_000)}`)).rejects.toThrow(
      'The command is longer than the system takes (130,000 bytes)',
    );
    await expect(run(`: ${'x'.repeat(99_000)}; echo still fits`)).resolves.toContain('still fits');
  });

  test('where the sandbox is not there, or gives no words', async () => {
    const missing = shop.kit({ sandbox: (argv) => ['/no/such/sandbox', ...argv] });
    await expect(call(missing, 'run_command', { command: 'true' })).rejects.toThrow(
      'The command was not started: the shell, the sandbox or the working folder is not there any more.',
    );
    const odd = shop.kit({ sandbox: () => [] });
    await expect(call(odd, 'run_command', { command: 'true' })).rejects.toThrow(
      'the sandbox must return the words to start',
    );
  });
});

test('a line that looks like an option of the shell is a command', async () => {
  await expect(run('-c')).resolves.toMatch(/^Exit code 127 /);
});

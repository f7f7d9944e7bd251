import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isolated, shell } from '../src/index.ts';
import { call, workshop } from './call.ts';

const shop = workshop();

describe('options that cannot be are refused at once, by name and value', () => {
  test.each<[object, RegExp]>([
    [{}, /the cwd undefined is not a path/],
    [{ cwd: '' }, /the cwd "" is empty/],
    [{ cwd: '/no/such/folder' }, /the cwd "\/no\/such\/folder" does not exist/],
    [{ cwd: '/etc/hostname' }, /the cwd "\/etc\/hostname" is not a folder/],
    [{ cwd: new URL('https://x.example/') }, /is not a file: URL/],
    [{ cwd: '.', alow: [] }, /has no option "alow"/],
    [{ cwd: '.', allow: 'git status' }, /allow must be a list of rules/],
    [{ cwd: '.', allowRead: [['eval']] }, /allowRead\[0\] names "eval"/],
    [{ cwd: '.', timeoutMs: 0 }, /timeoutMs is 0; it must be a number of 1 or more/],
    [{ cwd: '.', timeoutMs: Number.NaN }, /timeoutMs is NaN/],
    [{ cwd: '.', timeoutMs: 2_000, maxTimeoutMs: 1_000 }, /timeoutMs is 2000, which is more than/],
    [{ cwd: '.', maxTimeoutMs: 2 ** 31 }, /the most is 2147483647/],
    [{ cwd: '.', maxFileBytes: '1' }, /maxFileBytes is "1"/],
    [{ cwd: '.', sandbox: true }, /sandbox must be a function/],
    [{ cwd: '.', env: { BASH_ENV: 'x' } }, /env.BASH_ENV changes what the shell does/],
    [{ cwd: '.', env: { 'BASH_FUNC_git%%': 'x' } }, /is no name of a variable/],
    [{ cwd: '.', env: { X: 1 } }, /env.X is a number, but it must be a text/],
    [{ cwd: '.', env: { X: 'a\0b' } }, /env.X holds a NUL/],
  ])('%j', (options, words) => {
    expect(() => shell(options as never)).toThrow(words);
    expect(() => shell(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    );
  });

  test('of the sandbox as well', () => {
    expect(() => isolated({ net: true } as never)).toThrow('isolated() has no option "net"');
  });
});

test('the folder may be a URL', async () => {
  const kit = shop.kit({ cwd: pathToFileURL(shop.root) });
  await expect(call(kit, 'run_command', { command: 'pwd' })).resolves.toContain(shop.root);
});

test('the model may name a time up to the host’s bound, and no longer', async () => {
  const kit = shop.kit({ maxTimeoutMs: 2_000 });
  const long = { command: 'true', timeout_seconds: 3 };
  await expect(call(kit, 'run_command', long)).rejects.toThrow('The input does not fit');
  const short = shop.kit({ timeoutMs: 300 });
  await expect(call(short, 'run_command', { command: 'sleep 300' })).resolves.toMatch(
    /did not end within 0[.]3 s/,
  );
});

test('only the tool for reading is of the effect read and may start a command unasked', () => {
  const kit = shop.kit({ allowRead: [['git', 'status']] });
  expect(Object.fromEntries(kit.tools.map(({ name, effect }) => [name, effect]))).toEqual({
    run_command: 'destructive',
    run_read_command: 'read',
    start_command: 'destructive',
    command_output: 'read',
    wait_for_command: 'read',
    stop_command: 'write',
  });
});

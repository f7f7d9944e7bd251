import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { buildHost } from './build-host.ts';
import { call, workshop } from './call.ts';

const shop = workshop();
const hostile = {
  ANYFAST_API_KEY: 'sk-secret-of-the-host',
  AWS_SECRET_ACCESS_KEY: 'sk-secret-of-the-host',
  BASH_ENV: './startup',
  ENV: './startup',
  PROMPT_COMMAND: 'touch canary',
  'BASH_FUNC_git%%': '() { echo taken over; }',
  NODE_OPTIONS: '--require ./startup.js',
  LD_PRELOAD_X: 'x',
  PS4: '$(touch canary)',
};
beforeEach(() => {
  for (const [name, value] of Object.entries(hostile)) vi.stubEnv(name, value);
});

const run = (command: string, options: object = {}) =>
  call(shop.kit(options), 'run_command', { command });

describe('a command does not see what the host’s environment holds', () => {
  test.each(['env', 'set', 'export -p', 'ps e -p $$', 'cat /proc/self/environ', 'declare -f git'])(
    '%s',
    async (command) => {
      const told = await run(command);
      expect(told).not.toContain('sk-secret-of-the-host');
      for (const name of Object.keys(hostile)) {
        if (name !== 'PS4') expect(told).not.toContain(`${name}=`); // bash has one of its own
      }
      expect(told).not.toContain('touch canary');
      expect(told).not.toContain('taken over');
    },
  );

  test('and nothing of it runs before the command, or instead of it', async () => {
    await run('echo "echo started >&2; touch canary" > startup');
    const told = await run('git --version; sh -c true; set -x; true; ls canary');
    expect(told).not.toMatch(/started|taken over/);
    expect(told).toMatch(/cannot access '?canary/);
  });
});

test('a command gets the path, the home folder and the language, and knows that nobody is there', async () => {
  const told = await run('env | sort');
  expect(told).toMatch(/^PATH=\//m);
  const names = [...told.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)=/gm)].map(([, name = '']) => name);
  const own = names.filter(
    (name) => !/^(LC_\w+|LANG|LANGUAGE|TZ|TMPDIR|SHELL|USER|LOGNAME|HOME)$/.test(name),
  );
  expect(own.map((name) => name.replace(/^(THROUGHLINE_COMMAND)_[0-9a-f]{32}$/, '$1'))).toEqual([
    'GIT_PAGER',
    'GIT_TERMINAL_PROMPT',
    'MANPAGER',
    'NO_COLOR',
    'PAGER',
    'PATH',
    'PWD',
    'SHLVL',
    'TERM',
    'THROUGHLINE_COMMAND',
    '_',
  ]);
  expect(told).toMatch(/^NO_COLOR=1$/m);
  expect(told).toMatch(/^TERM=dumb$/m);
  expect(told).toMatch(/^PAGER=cat$/m);
  expect(told).toMatch(/^GIT_TERMINAL_PROMPT=0$/m);
});

test('the host adds variables of its own', async () => {
  await expect(
    run('echo "$APP $PAGER"', { env: { APP: 'x y', PAGER: 'more' } }),
  ).resolves.toContain('\nx y more\n');
});

describe('what no environment hides, and the documentation says so', () => {
  test('a command of the same user reads the environment the host was started with', async () => {
    const own = readFileSync('/proc/self/environ', 'latin1');
    const first = own.split('\0')[0] ?? '';
    expect(first).not.toBe('');
    const command = `tr '\\0' '\\n' </proc/${process.pid}/environ | head -1`;
    expect(await run(command)).toContain(first);
  });

  test('but a sandbox with processes of its own does', async () => {
    const host = await buildHost('host', shop.root);
    const read = (how: string) =>
      execFileSync(process.execPath, [host, shop.root, how], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOST_KEY: 'sk-in-the-host' },
        timeout: 60_000,
      });
    expect(read('open')).toContain('sk-in-the-host');
    const hidden = read('isolated');
    expect(hidden).toContain('looked');
    expect(hidden).not.toContain('sk-in-the-host');
  });
});

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { isolated } from '../src/index.ts';
import type { Sandbox } from '../src/index.ts';
import { call, idIn, processesWith, workshop } from './call.ts';

const shop = workshop();

/** Many machines forbid sandboxes to their users; there the host is told, and that is what is tried. */
async function where(works: () => Promise<void>): Promise<void> {
  let sandbox: Sandbox | undefined;
  try {
    sandbox = isolated();
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_option' });
  }
  if (sandbox !== undefined) await works();
}

describe('the sandbox of the system', () => {
  test('shows a command no process but its own, and tells its end as without one', () =>
    where(async () => {
      const kit = shop.kit({ sandbox: isolated() });
      const run = (command: string) => call(kit, 'run_command', { command });
      await expect(run('ls -d /proc/[0-9]* | wc -l')).resolves.toMatch(/\n[1-6]\n$/);
      await expect(run('pwd; exit 3')).resolves.toMatch(
        new RegExp(`^Exit code 3 .*\n${shop.root}\n$`),
      );
      await expect(run('echo kept > kept.txt; cat kept.txt')).resolves.toContain('\nkept\n');
      await expect(run('no-such-program')).resolves.toMatch(/^Exit code 127 /);
    }));

  test('has no network, unless it is to', () =>
    where(async () => {
      const server = createServer((socket) => socket.end('reached'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const command = `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`;
      try {
        const closed = shop.kit({ sandbox: isolated() });
        await expect(call(closed, 'run_command', { command })).resolves.not.toContain('reached');
        const open = shop.kit({ sandbox: isolated({ network: true }) });
        await expect(call(open, 'run_command', { command })).resolves.toContain('reached');
      } finally {
        server.close();
      }
    }));

  test('lets nothing outlive it, not even what is found by no mark, group or parent', () =>
    where(async () => {
      const mark = `30${Math.floor(Math.random() * 1e9)}`;
      const kit = shop.kit({ sandbox: isolated(), env: { TEST_MARK: randomUUID() } });
      const command = `(env -i setsid sh -c "sleep ${mark} & exit" &); sleep 0.3; echo up; sleep 300`;
      const id = idIn(await call(kit, 'start_command', { command }));
      await call(kit, 'wait_for_command', { id, seconds: 0.5 });
      expect(processesWith(mark, 'cmdline').length).toBeGreaterThan(0);
      await expect(call(kit, 'stop_command', { id })).resolves.toMatch(/^Stopped after /);
      expect(processesWith(mark, 'cmdline')).toEqual([]);
    }));
});

test('a sandbox of the host’s own gets the words and the place, and what it returns is started', async () => {
  const seen: unknown[] = [];
  const kit = shop.kit({
    sandbox: (argv, place) => {
      seen.push(place);
      return ['/usr/bin/env', 'BOXED=yes', ...argv];
    },
  });
  await call(kit, 'run_command', { command: 'mkdir -p deep' });
  const told = await call(kit, 'run_command', { command: 'echo "$BOXED"', folder: 'deep' });
  expect(told).toContain('\nyes\n');
  expect(seen.at(-1)).toEqual({ root: shop.root, cwd: `${shop.root}/deep` });
});

test('where no sandbox of the system works, the host is told and nothing runs without one', () => {
  vi.stubEnv('PATH', '/nowhere');
  expect(() => isolated()).toThrow(
    /^isolated\(\): no sandbox of the system works here \(bwrap: .*ENOENT; unshare: .*ENOENT\)[.]$/,
  );
});

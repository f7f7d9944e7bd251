import { spawnSync } from 'node:child_process';
import { checkOptions, ThroughlineError } from '@throughline/core';

/**
 * Wraps a command: gets the words it would be started with and gives the words to start instead. `root` is the toolkit's
 * working folder, `cwd` the folder of this command, both without links.
 */
export type Sandbox = (
  argv: readonly string[],
  place: { readonly root: string; readonly cwd: string },
) => readonly string[];

/**
 * A sandbox of the system's own, tried at once: bubblewrap where it works, else `unshare`. In both a command sees no
 * process but its own, none of them outlives it, and there is no network unless `network` is true. With bubblewrap it can also write
 * nowhere but in the working folder and a `/tmp` of its own. Throws `invalid_option` where neither works.
 */
export function isolated(options: { readonly network?: boolean } = {}): Sandbox {
  checkOptions('isolated()', options, { network: true });
  const { network = false } = options;
  const troubles: string[] = [];
  for (const sandbox of [bubblewrap(network), unshare(network)]) {
    const [program = '', ...words] = sandbox(['true'], { root: '/tmp', cwd: '/tmp' });
    const tried = spawnSync(program, words, { timeout: 10_000, stdio: 'pipe', encoding: 'utf8' });
    if (tried.status === 0) return sandbox;
    const why = tried.error?.message ?? tried.stderr.trim().slice(0, 300);
    troubles.push(`${program}: ${why || `exit code ${tried.status}`}`);
  }
  throw new ThroughlineError(
    'invalid_option',
    `isolated(): no sandbox of the system works here (${troubles.join('; ')}).`,
  );
}

function bubblewrap(network: boolean): Sandbox {
  const alone = words('bwrap --die-with-parent --unshare-all');
  const share = network ? ['--share-net'] : [];
  const disk = words('--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp');
  return (argv, { root, cwd }) => {
    const folder = ['--bind', root, root, '--chdir', cwd];
    return [...alone, ...share, ...disk, ...folder, '--', ...argv];
  };
}

function unshare(network: boolean): Sandbox {
  const alone = words(
    'unshare --user --map-root-user --ipc --pid --fork --kill-child --mount-proc',
  );
  const share = network ? [] : ['--net'];
  return (argv) => [...alone, ...share, '--', ...argv];
}

function words(line: string): readonly string[] {
  return line.split(' ');
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Node } from './field.ts';

const folder = new URL('../peers/', import.meta.url);
const installedAt = new URL('node_modules/.modules.yaml', folder);

/** The peers cannot be made ready; the message says so. */
export class PeersError extends Error {
  override readonly name = 'PeersError';
}

/** Installs the peers where that has not been done, and finds the Node they run on. Throws a `PeersError`. */
export async function readyPeers(say: (words: string) => void): Promise<Node> {
  if (!isInstalled()) {
    say('The peers are not installed yet: asking the package registry for them.');
    await install();
  }
  return nodeAt(await peersNodePath());
}

export const ownNode: Node = { path: process.execPath, version: process.version.slice(1) };

function isInstalled(): boolean {
  const lock = new URL('pnpm-lock.yaml', folder);
  return existsSync(installedAt) && statSync(installedAt).mtimeMs >= statSync(lock).mtimeMs;
}

async function install(): Promise<void> {
  const root = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { packageManager } = JSON.parse(root) as { packageManager: string };
  // The folder stands in our workspace without being a part of it.
  const alone = existsSync(new URL('pnpm-workspace.yaml', folder)) ? [] : ['--ignore-workspace'];
  const args = ['-y', packageManager, ...alone, 'install', '--frozen-lockfile'];
  // Its words go to standard error: only figures go to standard output.
  const npx = spawn('npx', args, {
    cwd: fileURLToPath(folder),
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  const [code] = (await once(npx, 'exit')) as [number | null];
  if (code !== 0) {
    throw new PeersError(
      'The peers could not be installed. `pnpm bench --quick` does without them.',
    );
  }
  // pnpm leaves it alone where nothing was to be done.
  utimesSync(installedAt, new Date(), new Date());
}

async function peersNodePath(): Promise<string> {
  const file = new URL('node.mjs', folder);
  if (!existsSync(file)) return process.execPath;
  const { node } = (await import(file.href)) as { node?: unknown };
  if (typeof node === 'string') return node;
  throw new PeersError('packages/bench/peers/node.mjs does not export the path of a `node`.');
}

async function nodeAt(path: string): Promise<Node> {
  const { stdout } = await promisify(execFile)(path, ['--version']);
  return { path, version: stdout.trim().slice(1) };
}

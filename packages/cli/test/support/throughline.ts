import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');

/** What Node needs to read our sources. */
export const sourceArguments = [
  '--conditions=throughline-source',
  `--import=${pathToFileURL(tsx).href}`,
];

/** Starts the command from its sources, module by module. */
export const fromSource = [...sourceArguments, path('src/bin.ts')];

/** Where `test/global-setup.ts` has built the command. */
export const builtIn = path('.tested');

/** Starts the command as `test/global-setup.ts` has built it of its sources, in a quarter of the time. */
export const asBuilt = ['--conditions=throughline-source', path('.tested/bin.js')];

/** An environment without a key, and with a home of its own. */
export function environment(home: string, more: Readonly<Record<string, string>> = {}) {
  const { PATH = '' } = process.env;
  return { PATH, HOME: home, USERPROFILE: home, TERM: 'xterm-256color', ...more };
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How Node starts the command, where not as it is built. */
  readonly node?: readonly string[];
}

/** A folder that is gone after the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command as a process of its own; its stdin stays open. */
export function start(
  args: readonly string[],
  { cwd, env, node = asBuilt }: Start,
): ChildProcessWithoutNullStreams {
  const home = cwd ?? tmpdir();
  const child = spawn(process.execPath, [...node, ...args], {
    cwd: home,
    env: environment(home, env),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs the command to its end. */
export async function throughline(args: readonly string[], how: Start = {}): Promise<Ended> {
  const child = start(args, how);
  child.stdin.end(how.input ?? '');
  return ended(child);
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { code, stdout, stderr };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

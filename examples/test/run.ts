import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const examples = fileURLToPath(new URL('..', import.meta.url));

/** Where `global-setup.ts` builds programs. */
export const tested = `${examples}.tested/`;

/**
 * The programs that are started as they are built, which takes a quarter of the time. The tour is started from its source, as a person starts
 * it: it loads examples by their name.
 */
export function builtPrograms(): readonly string[] {
  const folders = readdirSync(examples).filter((name) => /^\d\d-/.test(name));
  const mains = folders.map((name) => `${name}/main`);
  return ['first', 'restate', ...mains, '04-customer-service/desk', ...configurations];
}

/** Of vitest, which loads them by Node alone. */
const configurations = ['16-evals/vitest.config', 'testing/vitest.config'];

export interface Ran {
  /** Both outputs, as a person sees them. */
  readonly shown: string;
  readonly stdout: string;
  readonly code: number | null;
}

export interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** What the person types. Default: nothing, and the input ends. */
  readonly input?: string;
}

/** Runs a program of the examples as a process, without a key. */
export async function run(file: string, args: readonly string[] = [], options: Options = {}) {
  const child = started(file, args, options.env);
  let stdout = '';
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    shown += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stdin.on('error', () => {}).end(options.input ?? '');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { shown, stdout, code } satisfies Ran;
}

/** The process alone, for a test that talks to it while it runs. It is ended with the test. */
export function started(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { ANYFAST_API_KEY: _key, ANYFAST_BASE_URL: _url, ...rest } = process.env;
  const name = file.replace(/[.]ts$/, '');
  const program = builtPrograms().includes(name)
    ? [`${tested}${name}.mjs`]
    : ['--conditions=throughline-source', '--import=tsx', file];
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: examples,
    env: { ...rest, NO_COLOR: '1', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A folder that is gone with the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-example-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

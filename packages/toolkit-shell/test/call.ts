import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Toolkit } from '@throughline/core';
import { afterAll, beforeAll } from 'vitest';
import { shell } from '../src/index.ts';
import type { ShellOptions } from '../src/index.ts';

export { call } from './call-tool.ts';

/** A folder of its own for the tests of one file; every toolkit opened in it is closed when they are done. */
export function workshop() {
  const made = { root: '' };
  const open: Toolkit[] = [];
  beforeAll(async () => {
    made.root = await realpath(await mkdtemp(join(tmpdir(), 'throughline-shop-')));
  });
  afterAll(async () => {
    for (const kit of open) await kit.dispose?.();
    await rm(made.root, { recursive: true, force: true });
  });
  return {
    get root() {
      return made.root;
    },
    kit(options: Partial<ShellOptions> = {}): Toolkit {
      const kit = shell({ cwd: made.root, ...options });
      open.push(kit);
      return kit;
    },
  };
}

/** What the toolkit says to a command before it may run: true, or `ask`. */
export async function approval(kit: Toolkit, command: string, name = 'run_command') {
  const found = kit.tools.find((tool) => tool.name === name);
  return found?.approve?.({ command, folder: '.' }, {} as never);
}

/** The id in a result of `start_command`. */
export function idIn(told: string): string {
  const id = /the id "(\d+)"/.exec(told)?.[1];
  if (id === undefined) throw new Error(`No id in: ${told}`);
  return id;
}

/** The ids of the living processes in whose environment, or command line, `text` stands. */
export function processesWith(
  text: string,
  where: 'environ' | 'cmdline' = 'environ',
): readonly number[] {
  return processes().filter((id) => isAliveWith(id, text, where));
}

/** Whether there is one with `text` in its environment. Looks at the newest first, which it nearly always is. */
export function isAnyWith(text: string): boolean {
  return processes()
    .reverse()
    .some((id) => isAliveWith(id, text, 'environ'));
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function isAliveWith(id: number, text: string, where: 'environ' | 'cmdline'): boolean {
  const read = (file: string) => {
    try {
      return readFileSync(`/proc/${id}/${file}`, 'latin1');
    } catch {
      return '';
    }
  };
  if (id === process.pid || !read(where).includes(text)) return false;
  const stat = read('stat');
  return stat !== '' && !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

/** Asks until it is so; a generous time against hanging for ever. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let times = 0; times < 500; times++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It did not come to be so.');
}

import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tool, Toolkit } from '@throughline/core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { mcp } from '../../src/index.ts';
import type { McpOptions, McpServer, StdioServer } from '../../src/index.ts';

/** A server of `servers/hostile.mjs`. */
export function hostile(behaviour: string, path = ''): StdioServer {
  const file = fileURLToPath(new URL('../servers/hostile.mjs', import.meta.url));
  return { command: process.execPath, args: [file, behaviour, path] };
}

/** The main file of a reference server. */
export function referenceServer(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(
    `@modelcontextprotocol/server-${name}/package.json`,
  );
  return join(manifest, '..', 'dist', 'index.js');
}

/** Opens toolkits that are disposed of after each test, and keeps what they warned of. */
export function toolkits() {
  const warnings: string[] = [];
  const open: Toolkit<unknown>[] = [];
  afterEach(async () => {
    warnings.length = 0;
    await Promise.all(open.splice(0).map((kit) => kit.dispose?.()));
  });
  const connect = async (
    servers: Readonly<Record<string, McpServer>>,
    more: Partial<McpOptions> = {},
  ): Promise<Toolkit<unknown>> => {
    const onWarning = (words: string) => warnings.push(words);
    const kit = await mcp({ servers, onWarning, ...more });
    open.push(kit);
    return kit;
  };
  return { warnings, connect };
}

/** A folder that is gone when the tests of the file are done. */
export function folder(): { readonly path: string } {
  const made = { path: '' };
  beforeAll(async () => {
    made.path = await realpath(await mkdtemp(join(tmpdir(), 'throughline-mcp-')));
  });
  afterAll(() => rm(made.path, { recursive: true, force: true }));
  return made;
}

export function find(kit: Toolkit<unknown>, name: string): Tool<unknown> {
  const found = kit.tools.find((tool) => tool.name === name);
  if (found === undefined)
    throw new Error(`There is no tool ${name}, but ${names(kit).join(', ')}.`);
  return found;
}

export function names(kit: Toolkit<unknown>): readonly string[] {
  return kit.tools.map(({ name }) => name);
}

/** Waits until it is so: for what another process does. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not come to be so within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function lines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Whether a process lives; a zombie does not. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@throughline/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Person } from './support/person.ts';
import {
  asBuilt,
  ended,
  fromSource,
  newFolder,
  sourceArguments,
  start,
} from './support/throughline.ts';

const counter = new URL('support/count-modules.mjs', import.meta.url).href;
const house = fileURLToPath(new URL('../../..', import.meta.url));

/** A folder, and what makes a command started in it write down the modules that it loads. */
async function counted() {
  const cwd = await newFolder();
  const list = join(cwd, 'loaded.txt');
  return {
    cwd,
    env: { COUNT_MODULES_TO: list },
    /** The modules so far, as paths within the repository or as `npm:` and a path. */
    async loaded(): Promise<readonly string[]> {
      const urls = (await readFile(list, 'utf8')).split('\n');
      return urls
        .filter((url) => url.startsWith('file:'))
        .map((url) => fileURLToPath(url.split('?')[0] ?? url))
        .filter((path) => path.startsWith(house) && !path.includes('/tsx/'))
        .map((path) => path.slice(house.length).replace(/^.*node_modules\//, 'npm:'));
    },
  };
}

// tsx reads TypeScript, so it must be there before what counts.
const node = [...sourceArguments, `--import=${counter}`, ...fromSource.slice(-1)];

const built = [`--import=${counter}`, ...asBuilt];

/** The modules that a command loads until its end. */
async function loaded(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  how = node,
) {
  const count = await counted();
  const child = start(args, { cwd: count.cwd, env: { ...env, ...count.env }, node: how });
  child.stdin.end();
  await ended(child);
  return count.loaded();
}

/** How much text Node reads of files, in bytes. */
async function bytesOf(modules: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    modules.map(async (path) => (await stat(join(house, path))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The packages of npm among modules. */
function packagesOf(modules: readonly string[]): readonly string[] {
  const names = modules.flatMap((path) => /^npm:((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

async function endpoint() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const env = { ANYFAST_BASE_URL: simulator.url, ANYFAST_API_KEY: simulator.key };
  return { simulator, env };
}

/** What every request of the default agent needs. */
const forRequest = ['eventemitter3', 'eventsource-parser', 'zod'];

/** What the chat loads behind its prompt: what measures and reads the texts that may come. */
const late = ['ansi-regex', 'get-east-asian-width', 'marked', 'string-width', 'strip-ansi'];

/** What the files that a file imports, and those that they import, name besides: packages, and modules of Node. */
async function importedBy(file: URL, seen = new Set<string>()): Promise<readonly string[]> {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const source = await readFile(file, 'utf8');
  const names = [...source.matchAll(/^(?:import|export) (?!type )[^;]*? from '([^']+)';$/gms)];
  const found = names.map(async ([, name = '']) =>
    name.startsWith('.') ? importedBy(new URL(name, file), seen) : [name],
  );
  return (await Promise.all(found)).flat();
}

const needless =
  /toolkit-mcp|packages\/simulator|linkedom|yaml|cli\/src\/(?:acp|doctor|new)|schema\/full|page-fetcher|toolkit-web\/src\/visit/;

describe('the start of the command line', () => {
  it('loads five modules for the version and the overview, and nothing of npm', async () => {
    for (const args of [['--version'], []]) {
      expect(
        (await loaded(args)).map((path) => path.replace('packages/cli/src/', '')).sort(),
      ).toEqual(['bin.ts', 'exit-code.ts', 'main.ts', 'usage-error.ts', 'version.ts']);
    }
  });

  it('loads for sessions the store, and neither an agent nor a screen', async () => {
    const modules = await loaded(['sessions', 'list']);
    expect(modules).toContain('packages/cli/src/sessions/list-sessions.ts');
    expect(packagesOf(modules)).toEqual(['eventemitter3']);
    expect(modules.filter((path) => /toolkit|anyfast|cli\/src\/chat/.test(path))).toEqual([]);
  });

  it('loads for run what the request needs: no screen, no MCP, no simulator where there is a key, no work of a tool', async () => {
    const { simulator, env } = await endpoint();
    const modules = await loaded(['run', 'hello'], env);
    expect(simulator.requests).toHaveLength(1);
    expect(modules).toContain('packages/cli/src/run/run.ts');
    expect(packagesOf(modules)).toEqual(forRequest);
    expect(modules.filter((path) => needless.test(path))).toEqual([]);
    expect(modules.filter((path) => path.includes('cli/src/chat'))).toEqual([]);
  });

  it('is built into few files: Node takes a millisecond for each, and another for every 20 KB', async () => {
    const { simulator, env } = await endpoint();
    const modules = await loaded(['run', 'hello'], env, built);
    expect(simulator.requests).toHaveLength(1);
    expect(modules.length).toBeLessThanOrEqual(9);
    expect(await bytesOf(modules)).toBeLessThan(750_000);
    const listing = await loaded(['sessions', 'list'], {}, built);
    expect(listing.length).toBeLessThanOrEqual(6);
    expect(await bytesOf(listing)).toBeLessThan(180_000);
    expect((await loaded(['--version'], {}, built)).length).toBeLessThanOrEqual(3);
  });

  it.skipIf(process.platform === 'win32')(
    'loads for chat, until the prompt stands, its screen and its agent, and nothing that asks the endpoint',
    async () => {
      const { env } = await endpoint();
      const count = await counted();
      const person = new Person(['chat'], {
        cwd: count.cwd,
        env: { ...env, ...count.env },
        node,
      });
      await person.sees('Ask, or /help');
      const modules = await count.loaded();
      expect(modules).toContain('packages/cli/src/chat/chat.ts');
      const needed = ['eventemitter3', 'zod'];
      expect(packagesOf(modules).filter((name) => !late.includes(name))).toEqual(needed);
      expect(modules.filter((path) => needless.test(path))).toEqual([]);
    },
  );

  it('draws the first prompt of a chat without what measures and reads the texts that may come', async () => {
    const chat = new URL('../src/chat/chat.ts', import.meta.url);
    const packages = (await importedBy(chat)).filter((name) => !name.startsWith('node:'));
    expect([...new Set(packages)]).toEqual(
      expect.arrayContaining(['@throughline/core', '@throughline/sessions']),
    );
    expect(packages.filter((name) => !name.startsWith('@throughline/'))).toEqual([]);
  });
});

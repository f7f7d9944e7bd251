import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@throughline/simulator';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { browser, quietly } from '../../../.ci/chromium.ts';

const entry = fileURLToPath(new URL('support/portable-agent.ts', import.meta.url));

const workerConfig = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .agent),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const agent :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "agent.js", esModule = embed "agent.js"),
  ],
  compatibilityDate = "2026-04-01",
);
`;

const script = [
  { calls: [{ name: 'weather', arguments: { city: 'Paris' } }], reasoning: 'I look.' },
  { text: 'Sunny in Paris.' },
];

const expected = {
  text: 'Sunny in Paris.',
  stopReason: 'answer',
  cities: ['{"city":"Paris"}'],
  refused: expect.stringContaining('refuses the key (401)') as string,
};

/** The agent as one script without imports, as a bundler for browsers makes it: without any stand-in for Node. */
async function bundled(
  conditions: readonly string[] = [],
  format: 'iife' | 'esm' = 'iife',
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    globalName: 'portable',
    platform: 'browser',
    conditions: ['throughline-source', ...conditions],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** A page on this machine: like one over https, and unlike `about:blank`, it is a secure context. */
async function emptyPage(): Promise<string> {
  const server = createServer((_, response) => response.end('<!doctype html>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('core and transport are bundled for a browser and for an edge without a builtin of Node', async () => {
  for (const conditions of [[], ['worker', 'edge-light'], ['workerd']]) {
    const text = await bundled(conditions);
    expect(text).toContain('runAgent');
    expect(text).not.toMatch(/require\(["']node:|from ["']node:|import\(["']node:/);
  }
});

// CI installs the browser; a person who has none is not held up.
const hasBrowser = existsSync(browser) || process.env['CI'] !== undefined;

test.runIf(hasBrowser)(
  'an agent runs in Chromium, with a tool, over HTTP to another origin',
  async () => {
    expect(
      existsSync(browser),
      `No browser at ${browser}: install Debian's chromium, or name one in CHROMIUM.`,
    ).toBe(true);
    const simulator = await startSimulator({ script });
    const profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'));
    const context = await chromium.launchPersistentContext(profile, quietly);
    onTestFinished(async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
      await simulator.close();
    });
    const page = await context.newPage();
    await page.goto(await emptyPage());
    await page.addScriptTag({ content: await bundled() });
    const call = `portable.runAgent(${JSON.stringify(simulator.url)}, ${JSON.stringify(simulator.key)})`;
    expect(await page.evaluate(call)).toEqual(expected);
  },
);

const workerd = serverOfWorkers();

// Its package has a binary for this platform alone; elsewhere it is not installed.
test.runIf(workerd !== undefined || process.env['CI'] !== undefined)(
  'an agent runs in workerd without its stand-ins for Node, with a tool, over HTTP',
  async () => {
    const simulator = await startSimulator({ script });
    const folder = await mkdtemp(join(tmpdir(), 'throughline-workerd-'));
    const answer = `runAgent(${JSON.stringify(simulator.url)}, ${JSON.stringify(simulator.key)})`;
    await writeFile(join(folder, 'agent.js'), await bundled(['workerd'], 'esm'));
    await writeFile(
      join(folder, 'worker.js'),
      `import { runAgent } from 'agent.js';
      export default { fetch: async () => Response.json(await ${answer}) };`,
    );
    await writeFile(join(folder, 'config.capnp'), workerConfig);
    const server = spawn(
      workerd ?? 'workerd',
      ['serve', '--control-fd=3', join(folder, 'config.capnp')],
      { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] },
    );
    onTestFinished(async () => {
      server.kill('SIGKILL');
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    });
    // It writes one line of JSON there for each socket.
    const [line] = (await once(server.stdio[3] as Readable, 'data')) as [Buffer];
    const { port } = JSON.parse(line.toString()) as { readonly port: number };
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect(await response.json()).toEqual(expected);
  },
);

/** Where the program is; undefined where it is not installed. */
function serverOfWorkers(): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    return join(resolve('@cloudflare/workerd-linux-64/package.json'), '../bin/workerd');
  } catch {
    return undefined;
  }
}

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@throughline/simulator';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';

const entry = fileURLToPath(new URL('support/portable-agent.ts', import.meta.url));
const browser = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Nothing that the browser would do on its own account. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const script = [
  { calls: [{ name: 'weather', arguments: { city: 'Paris' } }], reasoning: 'I look.' },
  { text: 'Sunny in Paris.' },
];

/** The agent as one script without imports, as a bundler for browsers makes it: without any stand-in for Node. */
async function bundled(conditions: readonly string[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
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

test('an agent runs in Chromium, with a tool, over HTTP to another origin', async () => {
  expect(
    existsSync(browser),
    `No browser at ${browser}: install Debian's chromium, or name one in CHROMIUM.`,
  ).toBe(true);
  const simulator = await startSimulator({ script });
  const profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browser,
    headless: true,
    args: quiet,
  });
  onTestFinished(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
    await simulator.close();
  });
  const page = await context.newPage();
  await page.goto(await emptyPage());
  await page.addScriptTag({ content: await bundled() });
  const call = `portable.runAgent(${JSON.stringify(simulator.url)}, ${JSON.stringify(simulator.key)})`;
  expect(await page.evaluate(call)).toEqual({
    text: 'Sunny in Paris.',
    stopReason: 'answer',
    cities: ['{"city":"Paris"}'],
    refused: expect.stringContaining('refuses the key (401)') as string,
  });
});

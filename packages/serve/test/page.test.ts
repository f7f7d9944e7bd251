import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { events, nodeHandler } from '@throughline/serve';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { browser, quietly } from '../../../.ci/chromium.ts';
import { all, served, world } from './support/world.ts';

/** A page that starts a run with `fetch`, leaves that stream, and follows the session with an `EventSource`. */
const html = `<!doctype html><script>
const told = [];
async function start() {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ session: 'chat', input: 'Wait.' });
  const leave = new AbortController();
  const response = await fetch('/runs', { method: 'POST', headers, body, signal: leave.signal });
  await response.body.getReader().read();
  leave.abort();
}
function follow() {
  const source = new EventSource('/runs?session=chat');
  const types = ['run.start', 'message', 'answer', 'call.start', 'call.progress', 'call.end', 'run.end'];
  for (const type of types) {
    source.addEventListener(type, ({ data, lastEventId }) => told.push({ lastEventId, ...JSON.parse(data) }));
  }
  window.source = source;
}
</script>`;

// CI installs the browser; a person who has none is not held up.
const hasBrowser = existsSync(browser) || process.env['CI'] !== undefined;

test.runIf(hasBrowser)(
  'a page in Chromium loses its connection in the middle of a run, comes back by itself, and misses nothing recorded',
  async () => {
    expect(
      existsSync(browser),
      `No browser at ${browser}: install Debian's chromium, or name one in CHROMIUM.`,
    ).toBe(true);
    const wait = { name: 'wait', arguments: { city: 'Oslo' } };
    const there = world([{ reasoning: 'I wait.', calls: [wait] }, { text: 'Waited.' }]);
    const serve = events(served(there, { whenLeft: 'continue' }));
    const handler = nodeHandler(async (request) => soon(request, await serve(request)));
    const follows: (string | undefined)[] = [];
    const server = createServer((incoming, outgoing) => {
      if (!incoming.url?.startsWith('/runs')) {
        outgoing.writeHead(200, { 'content-type': 'text/html' }).end(html);
        return;
      }
      if (incoming.method === 'GET') follows.push(incoming.headers['last-event-id'] as string);
      handler(incoming, outgoing);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'));
    const context = await chromium.launchPersistentContext(profile, quietly);
    onTestFinished(async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
      server.closeAllConnections();
      server.close();
    });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.evaluate('start()');
    await there.gate.waiting;
    await page.evaluate('follow()');
    await page.waitForFunction("told.some(({ type }) => type === 'call.progress')");
    server.closeAllConnections();
    await page.waitForFunction("told.filter(({ type }) => type === 'call.progress').length > 1");
    there.gate.open();
    await page.waitForFunction('source.readyState === EventSource.CLOSED'); // 204: there is nothing more
    const told = (await page.evaluate('told')) as { type: string; lastEventId: string }[];
    const recorded = told.filter(({ type }) => type !== 'call.progress');
    const session = await there.sessions.open('chat');
    const stored = (await all(session.log.read())).flat();
    expect(recorded.map(({ lastEventId }) => Number(lastEventId))).toEqual(
      stored.map(({ seq }) => seq),
    );
    expect(recorded.map(({ type }) => type)).toEqual(stored.map(({ event }) => event.type));
    expect(follows).toEqual([undefined, '4', String(stored.length)]);
    expect(there.did).toEqual(['wait Oslo']);
  },
);

/** An `EventSource` comes back when its host says so; Chromium waits for three seconds where it says nothing. */
function soon({ method }: Request, response: Response): Response {
  if (method !== 'GET' || response.body === null) return response;
  const retry = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('retry: 50\n\n')),
  });
  return new Response(response.body.pipeThrough(retry), response);
}

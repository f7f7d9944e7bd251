import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Agent, limit, ModelError, tool } from '@throughline/core';
import { inspector } from '@throughline/inspector';
import { fileSessions } from '@throughline/sessions';
import { scriptedModel } from '@throughline/testing';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { browser, quietly } from '../../../.ci/chromium.ts';
import * as z from 'zod';
import type { Summary } from '../src/shown.ts';
import { call, folder, gate, world } from './support/world.ts';

let context: BrowserContext;
let profile: string;

// CI installs the browser; a person who has none is not held up.
describe.runIf(existsSync(browser) || process.env['CI'] !== undefined)('in Chromium', () => {
  beforeAll(async () => {
    expect(
      existsSync(browser),
      `No browser at ${browser}: install Debian's chromium, or name one in CHROMIUM.`,
    ).toBe(true);
    profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'));
    context = await chromium.launchPersistentContext(profile, quietly);
    context.setDefaultTimeout(20_000);
  }, 60_000);
  afterAll(async () => {
    await context?.close();
    await rm(profile, { recursive: true, force: true });
  });

  test('a person finds a session, reads each part of its run, and sees what is new in a request', async () => {
    const { run, server } = await world([
      { reasoning: 'I look at the sky.', calls: [call('weather', 'Oslo')] },
      { text: 'It is sunny in Oslo.' },
      { text: 'Nothing.' },
    ]);
    await run('trip', 'Shall I take an umbrella?');
    await run('other', 'Say nothing.');
    const { page, errors } = await opened(server.url);
    await page.getByRole('link', { name: 'umbrella' }).waitFor();
    expect(page.url()).not.toContain('#'); // the token is not left where it may be copied
    await page.getByRole('searchbox').fill('the SKY');
    await page.getByRole('link', { name: 'Say nothing' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'look at the sky' }).click();
    await page.locator('.row.reasoning').waitFor();
    const timeline = page.getByRole('listbox', { name: 'Timeline' });
    await timeline.focus();
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
      await page.keyboard.press(key);
    await page.locator('.details pre.reasoning', { hasText: 'I look at the sky.' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('.details pre', { hasText: 'sunny in Oslo' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page
      .locator('.details pre.diff .added', { hasText: 'I look at the sky.' })
      .first()
      .waitFor();
    await page.getByText('Rebuilt byte for byte').waitFor();
    await page.getByRole('button', { name: 'Show it whole' }).click();
    await page.locator('.details pre.json', { hasText: 'Be helpful.' }).waitFor(); // the instructions, which no diff shows
    await page.locator('.details pre.json', { hasText: 'Wipes a city off the map.' }).waitFor();
    await timeline.focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('details');
    expect(errors).toEqual([]);
  });

  test('a person joins a run under way, steers it, and sees what other processes store; a call is approved', async () => {
    const { agent, sessions, inspect, door, server, did } = await world([
      { reasoning: 'I wait.', calls: [call('wait', 'Oslo')] },
      { calls: [call('wipe', 'Rome')] },
      { text: 'Rome is gone.' },
    ]);
    const session = await sessions.open('live');
    const live = agent.stream('Wait, then wipe Rome.', { session });
    inspect.watch(live, { session: 'live', decide: true });
    await door.waiting;
    const { page, errors } = await opened(server.url, 'live');
    await page.locator('.live .progress', { hasText: 'the door' }).waitFor(); // told before the page came
    await page.getByPlaceholder('Steer the run…').fill('Be careful.');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('The model reads it with its next step.').waitFor({ state: 'attached' });
    door.open();
    await page.locator('.row.heard', { hasText: 'Be careful.' }).waitFor();
    await page.locator('.row.call.waits').click();
    expect(did).toEqual(['wait Oslo']);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.row.text', { hasText: 'Rome is gone.' }).waitFor();
    expect(did).toEqual(['wait Oslo', 'wipe Rome']);
    expect((await live.result).text).toBe('Rome is gone.');
    await session.close();
    expect(errors).toEqual([]);
  });

  test('a call that waits since yesterday is refused with words, and a result is changed in a fork', async () => {
    const { run, server, did, model } = await world([
      { calls: [call('wipe', 'Rome')] },
      { text: 'Then not.' },
      { text: 'As you like.' },
    ]);
    await run('danger', 'Wipe Rome.');
    const { page, errors } = await opened(server.url, 'danger');
    await page.locator('.row.call.waits').click();
    await page.getByLabel('Why it is refused').fill('People live there.');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.locator('.row.text', { hasText: 'Then not.' }).waitFor();
    expect(JSON.stringify(model.requests[1])).toContain('People live there.');
    await page.locator('.row.call').click();
    await page.getByRole('button', { name: 'Change this result' }).click();
    await page.getByLabel('The result in the new session').fill('Wiped.');
    await page.getByRole('button', { name: 'Fork and run' }).click();
    await page.locator('.row.text', { hasText: 'As you like.' }).waitFor();
    await page.getByText('A fork of', { exact: false }).waitFor({ state: 'detached' }); // it begins anew: its run is the first
    expect(model.requests[2]!.messages.at(-1)).toMatchObject({ role: 'tool', content: 'Wiped.' });
    expect(did).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('a double click decides once, and nobody is asked about a call that runs by now', async () => {
    const { sessions, inspect, server } = await world([]);
    const { agent, door, did } = slowlyWiping();
    const session = await sessions.open('slow');
    const live = agent.stream('Wipe Rome.', { session });
    inspect.watch(live, { session: 'slow', decide: true });
    const { page, errors, requests } = await opened(server.url, 'slow');
    await page.locator('.row.call.waits').click();
    const approve = page.getByRole('button', { name: 'Approve' });
    await approve.dblclick();
    await approve.waitFor({ state: 'detached' });
    await page.getByText('approved').first().waitFor();
    door.open();
    await page.locator('.row.text', { hasText: 'Rome is gone.' }).waitFor();
    expect(requests.filter((url) => url.endsWith('/api/decide'))).toHaveLength(1);
    expect(did).toEqual(['wiped']);
    expect(errors).toEqual([]);
    await live.result;
    await session.close();
  });

  test('a person who chooses a row while a hit is still looked up keeps the row', async () => {
    const { run, server } = await world([
      { reasoning: 'I look at the sky.', calls: [call('weather', 'Oslo')] },
      { text: 'It is sunny in Oslo.' },
    ]);
    await run('trip', 'Shall I take an umbrella?');
    const { page } = await opened(server.url);
    const looked = gate();
    await page.route('**/row?*', async (route) => {
      await looked.opened;
      await route.continue();
    });
    await page.getByRole('searchbox').fill('the SKY');
    await page.getByRole('button', { name: 'look at the sky' }).click();
    await page.locator('.row.reasoning').waitFor();
    await page.getByRole('listbox', { name: 'Timeline' }).press('Home');
    const answered = page.waitForResponse('**/row?*');
    looked.open();
    await (await answered).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(await page.locator('.row[aria-selected=true]').getAttribute('id')).toBe('row-0');
  });

  test('a run is stopped with a button', async () => {
    const { agent, sessions, inspect, door, server } = await world([
      { calls: [call('wait', 'Oslo')] },
      { text: 'Never said.' },
    ]);
    const session = await sessions.open('long');
    const live = agent.stream('Wait.', { session });
    inspect.watch(live, { session: 'long' });
    const stopped = expect(live.result).rejects.toThrow('A person stopped the run');
    await door.waiting;
    const { page, errors } = await opened(server.url, 'long');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('.row.end', { hasText: 'aborted' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    await stopped;
    expect(errors).toEqual([]);
    await session.close();
  });

  test('a page whose connection broke says so, comes back by itself, and shows what changed meanwhile', async () => {
    const { sessions, inspect, server, ask } = await world([]);
    const { agent, door } = slowlyWiping();
    const session = await sessions.open('away');
    const live = agent.stream('Wipe Rome.', { session });
    inspect.watch(live, { session: 'away', decide: true });
    const url = new URL(server.url);
    const wire = await cutable(Number(url.port));
    url.port = String(wire.port);
    const { page } = await opened(url.href, 'away');
    await page.locator('.row.call.waits').waitFor();
    wire.cut();
    await page.getByText('Not live:').waitFor();
    const { pending } = (await ask('session?id=away')).json() as Summary;
    await ask('decide', { id: 'away', call: pending[0]!.id, decision: { approve: true } });
    await door.waiting; // a row has changed, and none has come
    wire.mend();
    await page.locator('.row.call.waits').waitFor({ state: 'detached' });
    await page.getByText('Not live:').waitFor({ state: 'detached' });
    door.open();
    await page.locator('.row.text', { hasText: 'Rome is gone.' }).waitFor();
    await live.result;
    await session.close();
  });

  test('what changed between the first rows and the connection that tells of changes is shown', async () => {
    const { sessions, inspect, server, ask } = await world([]);
    const { agent, door } = slowlyWiping();
    const session = await sessions.open('early');
    const live = agent.stream('Wipe Rome.', { session });
    inspect.watch(live, { session: 'early', decide: true });
    const { page } = await opened(server.url);
    const followed = gate();
    await page.route('**/follow?*', async (route) => {
      await followed.opened;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Wipe Rome.' }).click();
    await page.locator('.row.call.waits').waitFor();
    const { pending } = (await ask('session?id=early')).json() as Summary;
    await ask('decide', { id: 'early', call: pending[0]!.id, decision: { approve: true } });
    await door.waiting;
    followed.open();
    await page.locator('.row.call.waits').waitFor({ state: 'detached' });
    door.open();
    await live.result;
    await session.close();
  });

  test('what a run told before it waited is still shown when it has gone on, and what it tells then', async () => {
    const broken = (words: string) => ({
      text: 'Half',
      error: new ModelError('connection', words, { retryable: true }),
    });
    const { agent, sessions, inspect, server } = await world([
      broken('The connection broke.'),
      { calls: [call('wipe', 'Rome')] },
      broken('It broke again.'),
      { text: 'Rome is gone.' },
    ]);
    const session = await sessions.open('notes');
    const live = agent.stream('Wipe Rome.', { session });
    inspect.watch(live, { session: 'notes' });
    expect((await live.result).stopReason).toBe('suspended');
    await session.close();
    const { page, errors } = await opened(server.url, 'notes');
    await page.locator('.row.retry', { hasText: 'The connection broke.' }).waitFor();
    await page.locator('.row.call.waits').click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.row.text', { hasText: 'Rome is gone.' }).waitFor();
    await page.locator('.row.retry', { hasText: 'It broke again.' }).waitFor();
    expect(await page.locator('.row.retry').count()).toBe(2);
    expect(errors).toEqual([]);
  });

  test('20,000 events of 1,000 steps are drawn in few patches, and few nodes stand in the page', async () => {
    const { sessions, inspect, server } = await world([]);
    const steps = 1_000;
    const begin = gate();
    const tick = tool({
      name: 'tick',
      description: 'Ticks.',
      inputSchema: z.object({}),
      async *execute() {
        begin.entered();
        await begin.opened;
        for (let at = 0; at < 17; at++) yield { at };
        return 'ticked';
      },
    });
    const model = scriptedModel((_, index) =>
      index < steps - 1 ? { calls: [{ name: 'tick', arguments: {} }] } : { text: 'Ticked enough.' },
    );
    const agent = new Agent({ model, tools: [tick], limits: [limit.steps(steps)] });
    const session = await sessions.open('ticks');
    const run = agent.stream('Tick.', { session });
    let events = 0;
    for (const type of ['call.progress', 'step.start', 'answer', 'call.start', 'call.end'] as const)
      run.on(type, () => events++);
    inspect.watch(run, { session: 'ticks' });
    await begin.waiting;
    const { page, errors } = await opened(server.url, 'ticks');
    await page.locator('.live .call').waitFor();
    await page.evaluate(countPatches);
    begin.open();
    await run.result;
    await session.close();
    await page.locator('.row.text', { hasText: 'Ticked enough.' }).waitFor(); // the end is kept in view
    const { patches, mostNodes } = (await page.evaluate('window.counted')) as Counted;
    expect(events).toBeGreaterThanOrEqual(20_000);
    expect(patches).toBeLessThan(events / 20);
    expect(mostNodes).toBeLessThan(1_500);
    expect(errors).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'nothing in the page keeps a screen reader, a keyboard or weak eyes out: %s',
    async (colorScheme) => {
      const { run, server } = await world([
        {
          reasoning: 'I look.',
          text: 'Well.',
          calls: [call('weather', 'Oslo'), call('wipe', 'Rome')],
        },
      ]);
      await run('danger', 'Wipe Rome.');
      const { page } = await opened(server.url, 'danger');
      await page.emulateMedia({ colorScheme });
      await page.locator('.row.call.waits').click();
      await page.getByRole('button', { name: 'Approve' }).waitFor();
      expect(await barriers(page)).toEqual([]);
      await page.locator('.row.step').click();
      await page.getByText('Rebuilt byte for byte').waitFor();
      await page.getByRole('button', { name: 'Run this step again' }).click();
      expect(await barriers(page)).toEqual([]);
      await page.setViewportSize({ width: 380, height: 700 });
      expect(await barriers(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(380);
      await page.getByRole('link', { name: 'Back to the list' }).click();
      await page.getByRole('link', { name: 'Wipe Rome.' }).waitFor();
      expect(await barriers(page)).toEqual([]);
    },
  );

  test('an exported session opens from the disk, without a server, and asks nobody', async () => {
    const { run, server } = await world([
      {
        reasoning: 'I look.',
        calls: [call('weather', '</script><script>window.hacked=1</script>')],
      },
      { text: 'Sunny $& $1.' },
    ]);
    await run('trip', 'Shall I?');
    const { page } = await opened(server.url, 'trip');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await download;
    const tape = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Cassette' }).click();
    expect((await tape).suggestedFilename()).toBe('trip.jsonl');
    const path = join(await folder(), 'trip.html');
    await (await download).saveAs(path);
    await server.close();
    const asked: string[] = [];
    const file = await opened(pathToFileURL(path).href);
    file.page.on('request', (request) => asked.push(request.url()));
    await file.page.locator('.row.text', { hasText: 'Sunny $& $1.' }).waitFor();
    await file.page.locator('.row.call').click();
    await file.page.locator('.details pre', { hasText: 'window.hacked' }).first().waitFor();
    await file.page.getByRole('searchbox').fill('"city":"</SCRIPT>');
    await file.page.locator('.hits button', { hasText: 'window.hacked' }).first().waitFor();
    await file.page.getByRole('searchbox').fill('nobody said this');
    await file.page.getByText('Nothing found.').waitFor();
    expect(await file.page.evaluate('window.hacked')).toBeUndefined();
    expect(await file.page.getByRole('button', { name: 'Change' }).count()).toBe(0);
    expect(asked).toEqual([]);
    expect(file.errors).toEqual([]);
  });

  test('the way past the list keeps the session, and a damaged address opens the list', async () => {
    const { run, server } = await world([{ text: 'Hello.' }]);
    await run('chat', 'Hi.');
    const { page, errors } = await opened(server.url, 'chat');
    await page.locator('.row.text').waitFor();
    await page.getByRole('button', { name: 'Skip to the session' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(await page.locator('.row.text').count()).toBe(1);
    await page.evaluate(`location.hash = '#/s/%E0%A4%A'`);
    await page.getByText('Choose a session').waitFor();
    expect(errors).toEqual([]);
  });

  test('in a narrow window the chosen row stays in view beside its details', async () => {
    const { run, server } = await world([
      ...Array.from({ length: 9 }, (_, at) => ({ calls: [call('weather', `Oslo ${at}`)] })),
      { text: 'Sunny.' },
    ]);
    await run('chat', 'Hi.');
    const { page, errors } = await opened(server.url, 'chat');
    await page.setViewportSize({ width: 380, height: 780 });
    await page.locator('.row.call').last().click();
    await page.locator('.details h4', { hasText: 'Arguments' }).waitFor();
    const isInView = `(() => {
      const row = document.querySelector('.row[aria-selected=true]').getBoundingClientRect();
      const box = document.querySelector('.rows').getBoundingClientRect();
      return row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
    })()`;
    await expect.poll(() => page.evaluate(isInView)).toBe(true);
    expect(errors).toEqual([]);
  });

  test('what a stranger wrote runs nothing, hides nothing, and asks nobody', async () => {
    const hostile =
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\x1b[31mred\u202eevil';
    const { run, server } = await world([
      {
        reasoning: hostile,
        text: hostile,
        calls: [call('weather', hostile + 'y'.repeat(10_000_000))],
      },
      { text: hostile },
    ]);
    await run(`"><svg onload=alert(1)>`, hostile);
    const { page, errors, requests } = await opened(server.url, `"><svg onload=alert(1)>`);
    for (const kind of ['heard', 'reasoning', 'text', 'call']) {
      await page.locator(`.row.${kind}`).first().click();
      const text = page.locator('.details pre').first();
      await text.filter({ hasText: 'onerror' }).waitFor();
      for (const sign of ['\u001b', '\u202e']) expect(await text.textContent()).not.toContain(sign);
      expect((await text.textContent())!.length).toBeLessThan(50_000);
    }
    expect(await page.locator('img, main script, iframe, object').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(requests.every((url) => url.startsWith(new URL(server.url).origin))).toBe(true);
    expect(errors).toEqual([]);
  });

  test('the first screen of a session of 20 MB and 20,000 rows loads few rows and few bytes, and its end is one key away', async () => {
    const dir = await folder();
    const id = 'large';
    const sessions = fileSessions({ dir, sync: false });
    const session = await sessions.open(id);
    const begun = session.begin('r');
    const write = (key: string, event: object) =>
      begun.record({ key, event: { runId: 'r', ...event } as never });
    const steps = 5_000;
    await write('start', { type: 'run.start', agent: 'guide', model: 'm', startedAtMs: 1 });
    await write('input', {
      type: 'message',
      source: 'input',
      messages: [{ role: 'user', content: 'Go.' }],
    });
    const filler = 'z'.repeat(1_700);
    for (let step = 1; step <= steps; step++) {
      const calls = [
        { id: `c:${step}`, type: 'function', function: { name: 'read', arguments: '{}' } },
      ];
      const message = {
        role: 'assistant',
        content: `text ${step}`,
        reasoning_content: filler,
        tool_calls: calls,
      };
      const timing = { firstPartMs: 1, totalMs: 2 };
      const answer = write(`${step}/answer`, {
        type: 'answer',
        step,
        message,
        finishReason: 'tool_calls',
        attempts: 1,
        timing,
        endedAtMs: step * 10,
      });
      const tool = { role: 'tool', tool_call_id: `c:${step}`, content: filler };
      const end = write(`${step}/call/1`, {
        type: 'call.end',
        step,
        call: 1,
        callId: `c:${step}`,
        name: 'read',
        outcome: 'ok',
        message: tool,
      });
      if (step % 100 === 0) await Promise.all([answer, end]);
    }
    await session.close();
    expect((await stat(join(dir, `${id}.jsonl`))).size).toBeGreaterThan(19_000_000);
    const inspect = inspector({ sessions });
    const server = await inspect.listen();
    onTestFinished(() => server.close());
    const { page, bytes, errors } = await opened(server.url, id);
    await page.locator('.row.step').first().waitFor();
    expect(await page.getByRole('option').count()).toBeLessThan(80);
    expect(bytes.total).toBeLessThan(300_000);
    await page.getByRole('listbox').focus();
    await page.keyboard.press('End');
    await page.locator('.row.call', { hasText: 'zzz' }).last().waitFor();
    await page.locator(`.row[aria-posinset="${2 + steps * 4}"]`).waitFor();
    expect(await page.getByRole('option').count()).toBeLessThan(80);
    expect(bytes.total).toBeLessThan(600_000);
    expect(errors).toEqual([]);
  });
});

interface Counted {
  readonly patches: number;
  readonly mostNodes: number;
}

/** Counts from now on how often the page is changed, all changes of one moment together, and how many nodes stand in it. */
const countPatches = `{
  window.counted = { patches: 0, mostNodes: 0 };
  const count = () => {
    counted.patches++;
    counted.mostNodes = Math.max(counted.mostNodes, document.getElementsByTagName('*').length);
  };
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  new MutationObserver(count).observe(document.body, all);
}`;

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds of the rules of WCAG 2.2 AA that a machine can see. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(wcag)} })`,
  )) as AxeResults;
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

/** An agent whose call waits for a person, and then behind a door. */
function slowlyWiping() {
  const door = gate();
  const did: string[] = [];
  const wipe = tool({
    name: 'wipe',
    description: 'Wipes slowly.',
    inputSchema: z.object({}),
    effect: 'destructive',
    async execute() {
      did.push('wiped');
      door.entered();
      await door.opened;
      return 'gone';
    },
  });
  const model = scriptedModel([
    { calls: [{ name: 'wipe', arguments: {} }] },
    { text: 'Rome is gone.' },
  ]);
  return { agent: new Agent({ model, tools: [wipe] }), door, did };
}

/** A way to a port of this machine that breaks and is mended as a test wants it. */
async function cutable(to: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cut, mend: () => (isCut = false) };
}

/** A page of the browser, with what went wrong in it, what it asked for, and how many bytes it was answered. */
async function opened(url: string, id?: string) {
  const page: Page = await context.newPage();
  onTestFinished(() => page.close());
  const errors: string[] = [];
  const requests: string[] = [];
  const bytes = { total: 0 };
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => requests.push(request.url()));
  page.on('response', (response) => {
    if (response.url().includes('/follow')) return; // it does not end
    response.body().then(
      (body) => (bytes.total += body.length),
      () => {},
    );
  });
  await page.goto(url);
  if (id !== undefined) {
    await page.locator('.entry').first().waitFor();
    await page.evaluate(`location.hash = '#/s/${encodeURIComponent(id)}'`);
  }
  return { page, errors, requests, bytes };
}

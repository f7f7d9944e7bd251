import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { anyfast } from '@throughline/anyfast';
import { fileSessions } from '@throughline/sessions';
import { startSimulator } from '@throughline/simulator';
import { expect, it, onTestFinished } from 'vitest';
import { chromiumOfFile } from '../test/chromium.ts';
import { examples, started, tempFolder } from '../test/run.ts';
import { scriptedKeeper } from './script.ts';
import { servePage } from './server.ts';
import { storeKeeper } from './store-keeper.ts';

const chromium = chromiumOfFile();

async function serving(dir: string) {
  const child = started('10-web-page/main.ts', [dir]);
  let said = '';
  const heard = (words: RegExp) =>
    new Promise<string>((resolve) => {
      const look = () => words.test(said) && resolve(words.exec(said)?.[0] ?? '');
      child.stdout.on('data', look);
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const url = await heard(/http:\/\/127\.0\.0\.1:\d+/);
  const end = async () => {
    const code = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    return code;
  };
  return { url, heard, end };
}

it('streams a run to a page, and orders only what the person approves there', async () => {
  const dir = await tempFolder();
  const server = await serving(dir);
  const page = await chromium.openPage();
  await page.goto(server.url);
  await page.getByText('Ask', { exact: true }).click();
  const flour = page.getByText('May order run with {"item":"Rye flour, 25 kg","count":4}?');
  await flour.getByText('Approve').click();
  const yeast = page.getByText('May order run with {"item":"Yeast, 1 kg","count":4}?');
  await yeast.getByText('Refuse').click();
  await page.getByText('End: answer').waitFor();
  expect(await page.locator('.text').textContent()).toBe(
    'Ordered 4 × Rye flour, 25 kg.\nNot ordered: Yeast, 1 kg.',
  );
  expect(await page.locator('.reasoning').first().textContent()).toBe('What is there?');
  const ordered = await readFile(join(dir, 'orders.jsonl'), 'utf8');
  expect(ordered.match(/\n/g)).toHaveLength(1);
  expect(await server.end()).toBe(0);
});

it('asks again on a page that is loaded again, also by another process of the server', async () => {
  const dir = await tempFolder();
  const first = await serving(dir);
  const page = await chromium.openPage();
  await page.goto(first.url);
  await page.getByText('Ask', { exact: true }).click();
  await page.getByText('May order run').nth(1).waitFor();
  const { hash } = new URL(page.url());
  expect(await first.end()).toBe(0);

  const second = await serving(dir);
  await page.goto(`${second.url}/${hash}`);
  expect(await page.locator('.question').textContent()).toBe('Is anything short?');
  await page.getByText('Approve', { exact: true }).first().click();
  await page.getByText('Approve', { exact: true }).first().click();
  await page.getByText('End: answer').waitFor();
  expect(await page.locator('.text').textContent()).toBe(
    'Ordered 4 × Rye flour, 25 kg.\nOrdered 4 × Yeast, 1 kg.',
  );
  await page.reload();
  await page.getByText('End: answer').waitFor();
  expect(await page.getByText('Approve', { exact: true }).count()).toBe(0);
  expect((await readFile(join(dir, 'orders.jsonl'), 'utf8')).match(/\n/g)).toHaveLength(2);
  expect(await second.end()).toBe(0);
});

it('aborts the run when the reader stops it, and when the reader leaves', async () => {
  const dir = await tempFolder();
  // An endpoint that is silent for an hour: whatever ends these runs, it is not the model.
  const slow = { text: 'Too late.', delayMs: 3_600_000 };
  let isSlow = true;
  const simulator = await startSimulator({
    script: (asked) => (isSlow ? slow : scriptedKeeper(asked)),
  });
  const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
  const shelf = join(examples, '10-web-page/shelf.json');
  const agent = storeKeeper(model, { shelf, orders: join(dir, 'orders.jsonl') });
  const ends: string[] = [];
  const starts: string[] = [];
  agent.on('run.start', ({ runId }) => starts.push(runId));
  agent.on('run.end', ({ stopReason }) => ends.push(stopReason));
  const sessions = fileSessions({ dir: join(dir, 'sessions') });
  const html = join(examples, '10-web-page/page.html');
  const server = await servePage({ agent, sessions, page: html });
  onTestFinished(async () => {
    await server.close();
    await simulator.close();
  });
  const page = await chromium.openPage();
  await page.goto(server.url);
  await page.getByText('Ask', { exact: true }).click();
  await expect.poll(() => simulator.requests.length, { timeout: 30_000 }).toBe(1);
  await page.getByText('Stop', { exact: true }).click();
  await page.getByText('Stopped.').waitFor();
  await expect.poll(() => ends, { timeout: 30_000 }).toEqual(['aborted']);

  await page.getByText('Ask', { exact: true }).click();
  await expect.poll(() => simulator.requests.length, { timeout: 30_000 }).toBe(2);
  await page.goto('about:blank');
  await expect.poll(() => ends, { timeout: 30_000 }).toEqual(['aborted', 'aborted']);

  isSlow = false;
  await page.goBack(); // the session is usable again
  await page.getByText('Ask', { exact: true }).click();
  await page.getByText('May order run').first().waitFor();
  expect(starts).toHaveLength(3);
});

it('answers no page of another site', async () => {
  const server = await serving(await tempFolder());
  const statusFor = async (headers: Record<string, string>) => {
    const asked = request(`${server.url}/runs`, { method: 'POST', headers });
    asked.end('{"session":"a","input":"Is anything short?"}');
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };
  expect(await statusFor({ origin: 'https://elsewhere.example' })).toBe(403);
  expect(await statusFor({ host: 'elsewhere.example' })).toBe(403);
  expect(await server.end()).toBe(0);
});

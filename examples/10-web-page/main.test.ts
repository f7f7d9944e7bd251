import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPage } from '../test/chromium.ts';
import { started, tempFolder } from '../test/run.ts';

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

it('streams a run to a page, orders only what the person approves there, and stops when the reader leaves', async () => {
  const dir = await tempFolder();
  const server = await serving(dir);
  const page = await openPage();
  await page.goto(server.url);
  await page.getByText('Ask', { exact: true }).click();
  await page
    .getByText('May order run with {"item":"Rye flour, 25 kg","count":4}?')
    .getByText('Approve')
    .click();
  await page
    .getByText('May order run with {"item":"Yeast, 1 kg","count":4}?')
    .getByText('Refuse')
    .click();
  await page.getByText('End: answer').waitFor();
  expect(await page.locator('.text').textContent()).toBe(
    'Ordered 4 × Rye flour, 25 kg.\nNot ordered: Yeast, 1 kg.',
  );
  expect(await page.locator('.reasoning').first().textContent()).toBe('What is there?');
  const ordered = await readFile(join(dir, 'orders.jsonl'), 'utf8');

  await page.getByText('Ask', { exact: true }).click();
  await page.getByText('May order run').first().waitFor();
  await page.close();
  await server.heard(/The reader left: the run is aborted\./);
  expect(await readFile(join(dir, 'orders.jsonl'), 'utf8')).toBe(ordered);
  expect(ordered.match(/\n/g)).toHaveLength(1);
  expect(await server.end()).toBe(0);
});

it('answers no page of another site', async () => {
  const server = await serving(await tempFolder());
  const statusFor = (headers: Record<string, string>) =>
    new Promise((resolve) => {
      const asked = request(`${server.url}/runs`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.end('Is anything short?');
    });
  expect(await statusFor({ origin: 'https://elsewhere.example' })).toBe(403);
  expect(await statusFor({ host: 'elsewhere.example' })).toBe(403);
  expect(await server.end()).toBe(0);
});

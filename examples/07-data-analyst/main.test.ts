import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { openPage } from '../test/chromium.ts';
import { run, tempFolder } from '../test/run.ts';
import { barChart } from './chart.ts';
import { Sales } from './sales.ts';
import { theQuestion } from './script.ts';

it('answers by SQL, and draws a chart that a browser shows: the best month has the tallest bar', async () => {
  const dir = await tempFolder();
  const csv = join(dir, 'sales.csv');
  await writeFile(csv, 'date,eur\n2025-01-02,10\n2025-02-01,70\n2025-02-09,5.5\n2025-03-01,30\n');
  const { stdout, code } = await run('07-data-analyst/main.ts', [csv, theQuestion, dir]);
  expect(code).toBe(0);
  expect(stdout).toContain(
    'The best month was 2025-02 with 75.50 EUR, the weakest 2025-01 with 10.00 EUR.',
  );
  const page = await openPage();
  await page.goto(pathToFileURL(join(dir, 'chart.svg')).href);
  const shown = await page.evaluate(`
    ({ heights: [...document.querySelectorAll('rect[fill="#2a6f97"]')].map((bar) => bar.getBoundingClientRect().height),
       texts: [...document.querySelectorAll('text')].map((text) => text.textContent) })`);
  const { heights, texts } = shown as { heights: number[]; texts: string[] };
  expect(heights.length).toBe(3);
  expect(heights.indexOf(Math.max(...heights))).toBe(1);
  expect(texts).toEqual(expect.arrayContaining(['Sales in EUR by month, 2025', '01', '02', '03']));
});

it('changes nothing, whatever SQL is asked, and draws text as text', async () => {
  const file = join(await tempFolder(), 'sales.csv');
  await writeFile(file, 'date,eur\n2025-01-02,10\n');
  const sales = await Sales.read(file);
  expect(() => sales.query('DELETE FROM sales')).toThrow();
  expect(() => sales.query('DELETE FROM sales RETURNING *')).toThrow();
  expect(sales.query('SELECT count(*) AS n FROM sales')).toEqual([{ n: 1 }]);
  sales.close();
  expect(barChart('<script>', [{ label: '"&', value: 1 }])).not.toMatch(/<script|"&/);
});

// Answers a question about a CSV file by SQL and draws a chart: `start 7 [file.csv] [question] [folder of the chart]`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { analyst } from './analyst.ts';
import { Sales } from './sales.ts';
import { scriptedAnalyst, theQuestion } from './script.ts';

const [file, question = theQuestion, out] = process.argv.slice(2);
const dir = out === undefined ? beside(import.meta.url, 'state') : asCalled(out);
const chart = join(dir, 'chart.svg');
const screen = new Screen({ input: process.stdin, output: process.stdout });

await mkdir(dir, { recursive: true });
const sales = await Sales.read(
  file === undefined ? beside(import.meta.url, 'sales.csv') : asCalled(file),
);
try {
  await withModel(scriptedAnalyst, async (model) => {
    screen.line('bold', `${question}\n`);
    const { calls } = await screen.watch(analyst(model, sales, chart).stream(question));
    const drawn = calls.some(({ name, outcome }) => name === 'draw_bar_chart' && outcome === 'ok');
    if (drawn) console.log(`\nThe chart is in ${chart}`);
  });
} finally {
  sales.close();
}

// Turns documents into typed, checked values: `start 3 [folder]`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { reader } from './extract.ts';
import type { Document } from './extract.ts';
import { scriptedReader } from './script.ts';

const [given] = process.argv.slice(2);
const folder = given === undefined ? beside(import.meta.url, 'documents') : asCalled(given);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(scriptedReader, async (model) => {
  const agent = reader(model);
  const read: Document[] = [];
  for (const name of (await readdir(folder)).sort()) {
    screen.line('bold', `\n${name}`);
    const text = await readFile(join(folder, name), 'utf8');
    const run = agent.stream(`${name}\n\n${text}`);
    for await (const event of run) screen.show(event);
    const { output, stopReason } = await run.result;
    if (output === undefined) throw new Error(`${name} was not read: ${stopReason}.`);
    console.log(shown(output));
    read.push(output);
  }
  const eur = read.reduce((sum, one) => sum + (one.kind === 'delivery' ? one.totalEur : 0), 0);
  screen.line('bold', `\nDeliveries for ${eur.toFixed(2)} EUR in ${read.length} documents.`);
});

/** The compiler knows what a document has: no `any`, no cast. */
function shown(one: Document): string {
  if (one.kind === 'other') return `  no delivery: ${one.about}`;
  const lines = one.lines.map(
    ({ count, what, eur }) => `  ${count} × ${what} at ${eur.toFixed(2)}`,
  );
  const less = one.discountEur > 0 ? `, less ${one.discountEur.toFixed(2)}` : '';
  const total = `  ${one.supplier}, ${one.date}: ${one.totalEur.toFixed(2)} EUR${less}`;
  return [...lines, total].join('\n');
}

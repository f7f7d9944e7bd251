// A lead, a reader and a writer compare offers: `start 9 [folder of offers] [folder of the letter]`.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { lead } from './agents.ts';
import { office } from './script.ts';

const [given, out] = process.argv.slice(2);
const offers = given === undefined ? beside(import.meta.url, 'offers') : asCalled(given);
const dir = out === undefined ? beside(import.meta.url, 'state') : asCalled(out);
const letter = join(dir, 'letter.txt');
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(office, async (model) => {
  await mkdir(dir, { recursive: true });
  const run = lead(model, { offers, letter }).stream('Which offer do we take? Write to them.');
  for await (const event of run) {
    screen.show(event);
    // What the agents inside do comes as events of the call that runs them.
    if (event.type === 'call.event' && event.event.type === 'call.start') {
      screen.line(
        'dim',
        `      call ${event.call}, its reader: ${event.event.name}(${event.event.arguments})`,
      );
    }
  }
  const { calls, ...result } = await run.result;
  screen.summary({ calls, ...result });
  if (!calls.some(({ name, outcome }) => name === 'write_letter' && outcome === 'ok')) return;
  console.log(`\n${letter}:\n\n${await readFile(letter, 'utf8')}`);
});

// An agent with a toolkit that is a package of its own: `start 13 [what to do] [file of contacts]`.
import { copyFile, mkdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { Agent } from '@throughline/core';
import { contacts } from 'toolkit-contacts';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { secretary } from './script.ts';

const [task = 'Add Grace Hopper <grace@park.example>. Who else do we know there?', given] =
  process.argv.slice(2);
const file = given === undefined ? await ownCopy() : asCalled(given);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(secretary, async (model) => {
  const agent = new Agent({ model, tools: [contacts({ file })] });
  screen.line('bold', `${task}\n`);
  await screen.watch(agent.stream(task));
  await agent.dispose();
  console.log(`\nThe contacts are in ${file}`);
});

/** `contacts.jsonl` as it is, the first time; after that the copy, with what was added. */
async function ownCopy(): Promise<string> {
  const copy = beside(import.meta.url, 'state/contacts.jsonl');
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(beside(import.meta.url, 'contacts.jsonl'), copy, constants.COPYFILE_EXCL).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return copy;
}

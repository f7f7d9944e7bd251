// Uses an API from its OpenAPI description: `start 12 [what to do]`.
import { readFile } from 'node:fs/promises';
import { Agent } from '@throughline/core';
import { openapi } from '@throughline/toolkit-openapi';
import { withModel } from '../lib/model.ts';
import { beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { Library } from './library.ts';
import { borrower } from './script.ts';

const [task = 'Borrow a book about “sea” for me.'] = process.argv.slice(2);
const screen = new Screen({ input: process.stdin, output: process.stdout });
const library = new Library();
const baseURL = await library.open();

try {
  await withModel(borrower, async (model) => {
    const description = await readFile(beside(import.meta.url, 'library.yaml'), 'utf8');
    // The card is the host's: it stands in no schema, no result and no message.
    const tools = [openapi(description, { baseURL, auth: { card: library.card } })];
    const agent = new Agent({ model, instructions: 'Use the library for the person.', tools });
    screen.line('bold', `${task}\n`);
    await screen.watch(agent.stream(task, { decide: (call) => screen.decide(call) }));
    await agent.dispose();
    console.log(`\nThe library was asked:\n${library.asked.map((one) => `  ${one}`).join('\n')}`);
  });
} finally {
  await library.close();
}

// Answers a question about the files of a folder: `start 1 [folder] [question]`.
import { asCalled, beside } from '../lib/place.ts';
import { withModel } from '../lib/model.ts';
import { Screen } from '../lib/screen.ts';
import { explorer } from './agent.ts';
import { bookkeeper, theQuestion } from './script.ts';

const [given, question = theQuestion] = process.argv.slice(2);
const folder = given === undefined ? beside(import.meta.url, 'invoices') : asCalled(given);
const screen = new Screen({ input: process.stdin, output: process.stdout });

// #region stream
await withModel(bookkeeper, async (model) => {
  screen.line('bold', `${question}\n`);
  const run = explorer(model, folder).stream(question, { decide: (call) => screen.decide(call) });
  for await (const event of run) screen.show(event);
  screen.summary(await run.result);
});
// #endregion

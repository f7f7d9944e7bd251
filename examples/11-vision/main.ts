// Asks about a picture: `start 11 [picture] [question]`.
import { mediaPart } from '@throughline/anyfast';
import { Agent } from '@throughline/core';
import type { Message } from '@throughline/core';
import { withModel } from '../lib/model.ts';
import { asCalled, beside } from '../lib/place.ts';
import { Screen } from '../lib/screen.ts';
import { scriptedEye, theQuestion } from './script.ts';

const [file, question = theQuestion] = process.argv.slice(2);
const picture = file === undefined ? beside(import.meta.url, 'rain.png') : asCalled(file);
const screen = new Screen({ input: process.stdin, output: process.stdout });

await withModel(scriptedEye, async (model) => {
  // What the file is, is read from its bytes; it is sent with the question, in one message.
  const part = await mediaPart(picture);
  const message: Message = { role: 'user', content: [{ type: 'text', text: question }, part] };
  screen.line('bold', `${picture}\n${question}\n`);
  await screen.watch(new Agent({ model, instructions: 'Be brief.' }).stream([message]));
});

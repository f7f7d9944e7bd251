import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import { questionsAsked } from './questions.ts';

/** The tool `ask_user`. Its answer is a person's decision `{ result }`, so `execute` runs only where there is none. */
export function askUser(): Tool<unknown> {
  return tool({
    name: 'ask_user',
    description:
      'Asks the user 1 to 4 questions with 2 to 4 options each, and waits for the answers. Use it only where the answer changes ' +
      'what you do and you cannot find it out yourself.',
    inputSchema: questionsAsked,
    effect: 'read',
    approve: () => 'ask',
    execute: () =>
      'There is no answer: the call was approved, but nobody chose an option or wrote anything. Do not take that for a yes. ' +
      'Go on without the answer where that is safe, and say what you assumed; else end and say what you need to know.',
  });
}

import { Agent } from '@throughline/core';
import { expect, it } from 'vitest';
import { scriptedModel } from '../src/index.ts';
import type { ScriptedAnswer } from '../src/index.ts';

it.each([
  [
    { content: 'Hello.' },
    'Answer 1 of scriptedModel() has no option "content". It has reasoning, text, calls',
  ],
  ['Hello.', 'Answer 1 of scriptedModel() takes its options as an object'],
])('a script refuses the answer %j by name, instead of saying nothing', async (answer, words) => {
  const agent = new Agent({ model: scriptedModel([answer as ScriptedAnswer]) });
  await expect(agent.run('Hello?')).rejects.toThrow(words);
});

import { Agent } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { expect, it } from 'vitest';
import { adapted } from '../adapters.ts';

it('runs tools of the AI SDK and of LangChain as its own, and checks their arguments', async () => {
  const model = scriptedModel([
    {
      calls: [
        { name: 'weather', arguments: { city: 'Lima' } },
        { name: 'area', arguments: { city: 'Basel' } },
        { name: 'weather', arguments: { town: 'Lima' } },
      ],
    },
    { text: 'Done.' },
  ]);
  const { messages } = await new Agent({ model, tools: [adapted] }).run('Go.');
  const told = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
  expect(told).toEqual([
    'sunny in Lima',
    '41 km² in Basel',
    expect.stringContaining('do not fit the schema of "weather"'),
  ]);
});

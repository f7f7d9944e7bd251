import { Agent } from '@throughline/core';
import type { Model, ModelPart, ModelRequest } from '@throughline/core';
import { web } from '@throughline/toolkit-web';
import { expect, test } from 'vitest';
import { html, site } from './site.ts';

const here = site();

/** Searches, fetches what it is told of and a place it may not reach, then says what it was told. */
const model: Model = {
  id: 'fake',
  async *stream({ messages }: ModelRequest) {
    const told = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
    const call = (index: number, name: string, input: object): ModelPart => ({
      type: 'call',
      index,
      id: `call_${told.length}_${index}`,
      name,
      delta: JSON.stringify(input),
    });
    if (told.length === 0) {
      yield [call(0, 'search_web', { query: 'cheese' }), { type: 'finish', reason: 'tool_calls' }];
    } else if (told.length === 1) {
      yield [
        call(0, 'fetch_page', { url: `${here.url}/cheese` }),
        call(1, 'fetch_page', { url: 'http://169.254.169.254/latest/meta-data/' }),
        { type: 'finish', reason: 'tool_calls' },
      ];
    } else {
      yield [
        { type: 'text', delta: told.join('\n') },
        { type: 'finish', reason: 'stop' },
      ];
    }
  },
};

test('an agent with the toolkit searches, reads pages, and is told what it may not reach', async () => {
  here.on('/cheese', html('<title>Cheese</title><p>It is made of milk.'));
  const mySearch = {
    find: async (words: { query: string; max: number }, signal: AbortSignal) => {
      signal.throwIfAborted();
      return [{ title: `All about ${words.query}`, url: `${here.url}/cheese` }];
    },
  };
  const intranet = here.host;
  // #region use
  const agent = new Agent({
    model,
    tools: [
      web({
        allowPrivate: [intranet], // "127.0.0.1:8000": nothing else that is not public
        search: (query, { limit, signal }) => mySearch.find({ query, max: limit }, signal),
      }),
    ],
  });
  const { text } = await agent.run('What is cheese made of?');
  await agent.dispose();
  // #endregion
  expect(text).toContain('1 result for "cheese":');
  expect(text).toContain('It is made of milk.');
  expect(text).toContain(
    '"http://169.254.169.254/latest/meta-data/" leads to an address that is not on the public internet',
  );
});

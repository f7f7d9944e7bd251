import { dirname } from 'node:path';
import { Agent } from '@throughline/core';
import type { Model, ModelPart, ModelRequest } from '@throughline/core';
import { files } from '@throughline/toolkit-files';
import { expect, test } from 'vitest';
import { folder } from './call.ts';

const here = folder({ 'orders/17.md': 'A lamp, 40 EUR.\n', 'orders/18.md': 'A chair, 90 EUR.\n' });

/** Asks for both orders and one that is not there, then says what it was told. */
const model: Model = {
  id: 'fake',
  async *stream({ messages }: ModelRequest) {
    const told = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
    if (told.length > 0) {
      yield [
        { type: 'text', delta: told.join('\n') },
        { type: 'finish', reason: 'stop' },
      ];
      return;
    }
    const calls = ['orders/17.md', '../secret.txt', 'orders/19.md'].map(
      (path, index): ModelPart => ({
        type: 'call',
        index,
        id: `call_${index}`,
        name: 'read_file',
        delta: JSON.stringify({ path }),
      }),
    );
    yield [...calls, { type: 'finish', reason: 'tool_calls' }];
  },
};

test('an agent with the toolkit reads files, and is told what it may not or cannot read', async () => {
  const home = process.cwd();
  process.chdir(dirname(here.root));
  try {
    // #region use
    const agent = new Agent({
      model,
      instructions: 'Answer questions about our orders.',
      tools: [files({ root: './root', ignore: ['.git', 'node_modules', 'drafts'] })],
    });
    const { text } = await agent.run('What was in order 17?');
    // #endregion
    expect(text).toBe(
      [
        'orders/17.md: line 1, the whole file.',
        'A lamp, 40 EUR.',
        '',
        '"../secret.txt" leads out of the root.',
        'There is no "orders/19.md". "orders" holds no "19.md"; did you mean "orders/17.md"?',
      ].join('\n'),
    );
  } finally {
    process.chdir(home);
  }
});

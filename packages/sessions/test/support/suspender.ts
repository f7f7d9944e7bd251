// A process that asks a person about a payment, finds nobody, and ends. Started by the tests, built into one file.
import { Agent, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { fileSessions } from '../../src/index.ts';

const [dir = '.'] = process.argv.slice(2);
const session = await fileSessions({ dir }).open('chat');
const agent = new Agent({
  model: scriptedModel([
    {
      reasoning: 'Two of them.',
      calls: [
        { name: 'pay', arguments: '{ "eur":\t70 }' },
        { name: 'pay', arguments: { eur: 5 } },
      ],
    },
  ]),
  instructions: 'Pay.',
  tools: [
    tool({
      name: 'pay',
      description: 'Pays.',
      inputSchema: { type: 'object' },
      approve: (input) => Number((input as { eur: number }).eur) <= 50 || 'ask',
      execute: () => 'paid by the first',
    }),
  ],
});
const { stopReason, pending } = await agent.run('Pay the bills.', { session });
process.stdout.write(JSON.stringify({ stopReason, pending }));
await session.close();

import { appendFileSync } from 'node:fs';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Toolkit } from '@throughline/core';

const log = process.env['COUNTING_LOG'] ?? '';
appendFileSync(log, 'loaded\n');
let isGone = false;

const counting: Toolkit<unknown> = {
  name: 'counting',
  tools: [
    tool({
      name: 'count',
      description: 'Counts, until it is disposed of.',
      inputSchema: { type: 'object', properties: {} },
      effect: 'read',
      execute: () => (isGone ? 'gone' : 'still here'),
    }),
  ],
  dispose() {
    isGone = true;
    appendFileSync(log, 'disposed\n');
  },
};

/** An agent that writes to the file of COUNTING_LOG when it is loaded, and when it is disposed of. */
export const agent = new Agent({ model: anyfast('kimi-k2.6'), tools: [counting] });

// An MCP server as a program: it writes to the file it is given when it starts and when it ends.
import { appendFileSync } from 'node:fs';
import { tool } from '@throughline/core';
import { serveMcp } from '@throughline/toolkit-mcp';

const [log = ''] = process.argv.slice(2);
appendFileSync(log, 'started\n');
appendFileSync(`${log}.pid`, String(process.pid));

const shout = tool({
  name: 'shout',
  description: 'Says words loudly.',
  inputSchema: {
    type: 'object',
    properties: { words: { type: 'string' } },
    required: ['words'],
    additionalProperties: false,
  },
  execute: (input) => String((input as { readonly words: unknown }).words).toUpperCase(),
});

const served = await serveMcp([shout], { name: 'loud' });
await served.closed;
appendFileSync(log, 'ended\n');

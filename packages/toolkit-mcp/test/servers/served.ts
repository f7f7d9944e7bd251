// A program that serves tools over stdio, and writes to the file it is given what they do.
import { appendFileSync } from 'node:fs';
import { tool } from '@throughline/core';
import { serveMcp } from '@throughline/toolkit-mcp';
import * as z from 'zod';

const [log = ''] = process.argv.slice(2);
const say = (words: string) => appendFileSync(log, `${words}\n`);

const add = tool({
  name: 'add',
  description: 'Adds.',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  effect: 'read',
  execute: ({ a, b }) => ({ sum: a + b }),
});
const erase = tool({
  name: 'erase',
  description: 'Erases everything.',
  inputSchema: z.object({}),
  effect: 'destructive',
  execute: () => say('erased'),
});
const wait = tool({
  name: 'wait',
  description: 'Waits for ever.',
  inputSchema: z.object({}),
  execute: (_, { signal }) => {
    say('waiting');
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        say('aborted');
        reject(signal.reason);
      });
    });
  },
});

const served = await serveMcp([add, erase, wait], { name: 'served' });
await served.closed;
say('closed');

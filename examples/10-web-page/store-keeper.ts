import { appendFile, readFile } from 'node:fs/promises';
import { Agent, tool } from '@throughline/core';
import type { Model } from '@throughline/core';
import * as z from 'zod';

/** An agent that looks after a shelf. An order is `destructive`: a person is asked. */
export function storeKeeper(model: Model, { shelf, orders }: { shelf: string; orders: string }) {
  const look = tool({
    name: 'look_at_shelf',
    description: 'Tells what is on the shelf, and how much there should be at least.',
    inputSchema: z.object({}),
    effect: 'read',
    execute: async () => JSON.parse(await readFile(shelf, 'utf8')) as object,
  });
  const order = tool({
    name: 'order',
    description: 'Orders an item. It cannot be taken back.',
    inputSchema: z.object({ item: z.string().min(1), count: z.int().positive().max(100) }),
    effect: 'destructive',
    async execute({ item, count }, { idempotencyKey }) {
      await appendFile(orders, `${JSON.stringify({ item, count, idempotencyKey })}\n`);
      return `Ordered ${count} × ${item}.`;
    },
  });
  return new Agent({
    name: 'store keeper',
    model,
    instructions: 'Look after the shelf. Order what is short, so much that the least is there.',
    tools: [look, order],
  });
}

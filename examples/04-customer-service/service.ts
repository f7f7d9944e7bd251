import { appendFile, readFile } from 'node:fs/promises';
import { Agent, tool, ToolError } from '@throughline/core';
import type { Model } from '@throughline/core';
import * as z from 'zod';

interface Order {
  readonly id: string;
  readonly eur: number;
}

/** An agent that serves customers. Refunds go to the file `ledger`; above 50 EUR a person is asked. */
export function service(model: Model, { orders, ledger }: { orders: string; ledger: string }) {
  const all = async () => JSON.parse(await readFile(orders, 'utf8')) as readonly Order[];
  const findOrder = tool({
    name: 'find_order',
    description: 'Tells what is known of an order.',
    inputSchema: z.object({ id: z.string() }),
    effect: 'read',
    async execute({ id }) {
      const order = (await all()).find((one) => one.id === id);
      if (order === undefined) throw new ToolError(`There is no order "${id}".`);
      return order;
    },
  });
  const refund = tool({
    name: 'refund',
    description: 'Pays the money for an order back. Up to 50 EUR at once; above, a person decides.',
    inputSchema: z.object({ id: z.string(), eur: z.number().positive() }),
    effect: 'write',
    approve: ({ eur }) => eur <= 50 || 'ask',
    async execute({ id, eur }, { idempotencyKey }) {
      const order = (await all()).find((one) => one.id === id);
      if (order === undefined || eur > order.eur) {
        throw new ToolError(`Order "${id}" did not cost ${eur} EUR.`);
      }
      // The bank pays once for each key, however often it is asked: after a crash the key is the same.
      const paid = await readFile(ledger, 'utf8').catch(() => '');
      if (!paid.includes(idempotencyKey)) {
        await appendFile(ledger, `${JSON.stringify({ id, eur, idempotencyKey })}\n`);
      }
      return `Paid ${eur.toFixed(2)} EUR back for order ${id}.`;
    },
  });
  return new Agent({
    name: 'service',
    model,
    instructions: 'Help customers. Look an order up before you refund it.',
    tools: [findOrder, refund],
  });
}

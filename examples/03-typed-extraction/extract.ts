import { Agent } from '@throughline/core';
import type { Model } from '@throughline/core';
import * as z from 'zod';

const line = z.object({
  what: z.string().min(1),
  count: z.int().positive(),
  eur: z.number().describe('The price of one, in EUR.'),
});

const delivery = z
  .object({
    kind: z.literal('delivery'),
    supplier: z.string().min(1),
    date: z.iso.date(),
    lines: z.array(line).min(1),
    discountEur: z.number().nonnegative().default(0),
    totalEur: z.number(),
  })
  .refine((one) => Math.abs(sumOf(one) - one.totalEur) < 0.005, {
    error: 'The lines, less the discount, do not come to totalEur. Read the document again.',
    path: ['totalEur'],
  });

export const document = z.discriminatedUnion('kind', [
  delivery,
  z.object({ kind: z.literal('other'), about: z.string().min(1) }),
]);

export type Document = z.output<typeof document>;

/** An agent whose answer is a `Document`: typed for the program, and checked, sum included. */
export function reader(model: Model): Agent<unknown, Document> {
  return new Agent({
    model,
    instructions: 'Read the document. Say what it delivers, or what else it is about.',
    output: document,
  });
}

function sumOf({ lines, discountEur }: { lines: z.output<typeof line>[]; discountEur: number }) {
  return lines.reduce((sum, { count, eur }) => sum + count * eur, 0) - discountEur;
}

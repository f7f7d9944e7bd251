import { tool } from '@throughline/core';
import type { Tool } from '@throughline/core';
import * as z from 'zod';
import { eachDiffers, line } from './visible-text.ts';

/** The most items a plan holds: a longer one is no plan. */
const mostItems = 50;

const item = z.object({
  title: line(200).describe('What is to be done, on one line.'),
  status: z.enum(['pending', 'in_progress', 'done', 'cancelled']).describe('How it stands.'),
});

const items = z
  .array(item)
  .max(mostItems)
  .superRefine(eachDiffers('title'))
  .describe('The whole list, in order: it takes the place of the one before. [] clears it.');

/** One item of the model's plan. Titles are visible text of one line, at most 200 characters, each another one. */
export type PlanItem = Readonly<z.output<typeof item>>;

/** What `update_plan` tells: the `progress` of its `call.progress`, and the `output` of its `call.end`. At most 50 items. */
export interface PlanTold {
  readonly type: 'plan';
  readonly items: readonly PlanItem[];
}

/** Told by the tool, and read back from events that may have been stored by another release. */
export const planTold = z.object({ type: z.literal('plan'), items });

/** The tool `update_plan`. */
export function updatePlan(): Tool<unknown> {
  return tool({
    name: 'update_plan',
    description:
      'Shows the user your to-do list. Use it for a task of several steps: once at the start, and whenever an item changes. ' +
      'Set an item to in_progress before you begin it and to done only when it is.',
    inputSchema: z.object({ items }),
    effect: 'read',
    execute: tell,
    toModel: inWords,
  });
}

async function* tell({ items }: Pick<PlanTold, 'items'>): AsyncGenerator<PlanTold, PlanTold, void> {
  const told: PlanTold = { type: 'plan', items };
  yield told;
  return told;
}

function inWords({ items }: PlanTold): string {
  if (items.length === 0) return 'The plan is empty.';
  const counts = item.shape.status.options.flatMap((status) => {
    const count = items.filter((item) => item.status === status).length;
    return count === 0 ? [] : [`${count} ${words(status)}`];
  });
  const all = items.length === 1 ? '1 item' : `${items.length} items`;
  const lines = items.map(({ title, status }, at) => `${at + 1}. (${words(status)}) ${title}`);
  return [`The plan has ${all}: ${counts.join(', ')}.`, ...lines].join('\n');
}

function words(status: PlanItem['status']): string {
  return status.replace('_', ' ');
}

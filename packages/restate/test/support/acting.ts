import { tool } from '@throughline/core';
import type { CallPending, Effect, Tool } from '@throughline/core';
import type { DurableRun } from '../../src/index.ts';

/** A tool that notes that it ran. */
export function acting(name: string, effect: Effect, acts: string[] = []): Tool<unknown> {
  return tool({
    name,
    description: `${name}.`,
    inputSchema: { type: 'object' },
    effect,
    execute: () => {
      acts.push(name);
      return `${name} done`;
    },
  });
}

/** The calls that wait, once some do. */
export async function pendingOf(run: DurableRun): Promise<readonly CallPending[]> {
  let pending: readonly CallPending[] = [];
  await until(async () => (pending = await run.pending()).length > 0);
  return pending;
}

/** Waits for something that will come; fails after a time that no working machine needs. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const fromMs = Date.now();
  while (!(await holds())) {
    if (Date.now() - fromMs > 40_000) throw new Error(`It did not come: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

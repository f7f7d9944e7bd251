import { tool } from '../../src/index.ts';
import type { CallScope, Effect, Message, RunEvent, Tool } from '../../src/index.ts';

/** A tool that takes anything, for tests in which the schema does not matter. */
export function anyTool(
  name: string,
  effect: Effect,
  execute: (input: Readonly<Record<string, unknown>>, scope: CallScope) => unknown,
): Tool<unknown> {
  return tool({ name, description: `${name}.`, inputSchema: { type: 'object' }, effect, execute });
}

export const never = new Promise<never>(() => {});

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What the model reads of the calls, in order. */
export function resultsOf(messages: readonly Message[]): readonly unknown[] {
  return messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
}

export async function eventsOf(run: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  return events;
}

import type { Tool } from './tool.ts';

const repeatable = new WeakSet<Tool>();

/**
 * Marks a tool of ours that may run again after a crash, whatever its effect: an agent inside it goes on from
 * its own record, and the others do nothing to the world.
 */
export function mayRepeat<Context>(tool: Tool<Context>): Tool<Context> {
  repeatable.add(tool);
  return tool;
}

export function isRepeatable(tool: Tool | undefined): boolean {
  return tool !== undefined && repeatable.has(tool);
}

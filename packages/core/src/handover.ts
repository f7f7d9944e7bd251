import type { Plan } from './plan.ts';
import type { Tool } from './tool.ts';

/** What changes when a conversation passes from one agent to another. Limits, approval and context stay the run's. */
export type Handover = Pick<
  Plan,
  'agent' | 'model' | 'instructions' | 'tools' | 'parameters' | 'prepareStep' | 'compaction'
>;

const handovers = new WeakMap<Tool, () => Handover>();

/** Marks a tool: once a call of it has ended well, the run goes on as another agent. */
export function handsOver(tool: Tool, to: () => Handover): void {
  handovers.set(tool, to);
}

/** The agent that a tool hands over to, if it does. */
export function handoverOf(tool: Tool | undefined): Handover | undefined {
  return tool === undefined ? undefined : handovers.get(tool)?.();
}

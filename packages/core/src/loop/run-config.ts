import type { Message } from '../base/message.ts';
import type { Model } from '../base/model.ts';
import type { CallDeps } from '../calls/call-deps.ts';
import type { Compaction } from '../history/shorten.ts';
import type { RequestSetup } from '../history/request-setup.ts';
import type { Limit } from '../limits/limit.ts';
import type { Plug, Tool } from '../tool/tool.ts';
import type { Inbox } from './inbox.ts';
import type { PrepareStep } from './prepare-step.ts';
import type { OutputPlan } from './output-plan.ts';

/** What one run is about. */
export interface RunConfig {
  readonly agent: string;
  readonly model: Model;
  /** The system message; none when empty. */
  readonly instructions: string;
  readonly history: readonly Message[];
  /** How the model was asked before this run, where the same log tells it. */
  readonly asked: RequestSetup | undefined;
  readonly input: readonly Message[];
  readonly inbox: Inbox;
  readonly tools: readonly Plug[];
  readonly limits: readonly Limit[];
  readonly callsPerAnswer: number | undefined;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly prepareStep: PrepareStep | undefined;
  readonly compaction: Compaction;
  readonly output: OutputPlan | undefined;
  readonly host: CallDeps;
  readonly signal: AbortSignal;
}
/** What changes when a conversation passes from one agent to another. Limits, approval and context stay the run's. */
export type Handover = Pick<
  RunConfig,
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

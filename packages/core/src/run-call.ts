import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check.ts';
import type { Telling } from './event.ts';
import { invoke } from './invoke.ts';
import type { Invoked } from './invoke.ts';
import type { Slots } from './slots.ts';
import type { Tool } from './tool.ts';

/** What calls need of the run and its agent. */
export interface CallHost {
  readonly telling: Telling;
  readonly context: unknown;
  readonly approve: ApproveCall<never> | undefined;
  readonly repairCall: RepairCall | undefined;
  /** How many calls may run at once in this run. */
  readonly slots: Slots | undefined;
  /** How many calls of one tool may run at once in this agent. */
  slotsOf(tool: Tool): Slots | undefined;
}

/** Which call this is. */
export interface CallPlace {
  readonly runId: string;
  readonly step: number;
  /** Counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** Runs a checked and approved call as soon as there is room. Never rejects. */
export async function runCall(
  tool: Tool,
  input: unknown,
  place: CallPlace,
  host: CallHost,
): Promise<Invoked> {
  const { runId, step, call, callId, idempotencyKey, signal } = place;
  const { telling, context, slots } = host;
  const scope = { signal, context, callId, idempotencyKey };
  const work = () =>
    invoke(tool, input, scope, (progress) => {
      if (!telling.wants('call.progress') || signal.aborted) return;
      telling.tell({
        type: 'call.progress',
        runId,
        step,
        call,
        callId,
        name: tool.name,
        progress,
      });
    });
  const inRun = slots === undefined ? work : () => slots.use(signal, work);
  const ofTool = host.slotsOf(tool);
  try {
    return await (ofTool === undefined ? inRun() : ofTool.use(signal, inRun));
  } catch {
    return { outcome: 'aborted', content: 'The run was stopped before this call began.' };
  }
}

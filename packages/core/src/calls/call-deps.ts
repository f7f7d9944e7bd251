import type { EventSink } from '../base/event.ts';
import type { Deadline } from '../limits/deadline.ts';
import type { Recorder } from '../record/recorder.ts';
import type { AroundCall, Tool } from '../tool/tool.ts';
import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check-call.ts';
import type { HeldSemaphores, Semaphore } from './semaphore.ts';

/** What calls need of the run and its agent. */
export interface CallDeps {
  readonly sink: EventSink;
  readonly recorder: Recorder;
  readonly context: unknown;
  readonly approve: ApproveCall<never> | undefined;
  readonly repairCall: RepairCall | undefined;
  readonly around: AroundCall | undefined;
  /** The run's time; undefined for what starts before the answer is whole. */
  readonly deadline: Deadline | undefined;
  /** How many calls may run at once in the agent. */
  readonly semaphore: Semaphore | undefined;
  /** The semaphores of the outer runs in which this one is a call. */
  readonly held: HeldSemaphores | undefined;
  /** How many calls of one tool may run at once in this agent. */
  semaphoreOf(tool: Tool): Semaphore | undefined;
}

/** Which call this is. */
export interface CallRef {
  readonly runId: string;
  readonly step: number;
  /** Counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Started before the answer was whole: nothing of it may be recorded. */
  readonly early?: boolean;
}

import type { ApproveCall } from './approve.ts';
import type { RepairCall } from './check.ts';
import type { Compaction } from './compaction.ts';
import type { Limit } from './limit.ts';
import type { Message } from './message.ts';
import type { JsonSchema, Model } from './model.ts';
import type { PrepareStep } from './plan.ts';
import type { Recorder } from './recorder.ts';
import type { StandardSchema } from './schema.ts';
import type { Session } from './session.ts';
import type { NestedRun, Plug } from './tool.ts';

/** What an agent is made of. Only `model` is needed. */
export interface AgentOptions<Context = unknown, Output = undefined> {
  readonly model: Model;
  /** Said in events and logs. Default: `agent`. */
  readonly name?: string;
  /** The system message. */
  readonly instructions?: string;
  readonly tools?: readonly Plug<Context>[];
  /** Default: `[limit.steps(50)]`. */
  readonly limits?: readonly Limit[];
  /** The host's say on every call of every run. */
  readonly approve?: ApproveCall<Context>;
  /** May mend a call that cannot run, before the model is told. */
  readonly repairCall?: RepairCall;
  /** How many calls may run at once, over all runs of the agent. Default: no limit. */
  readonly maxParallelCalls?: number;
  /** Sent with each request, e.g. `{ max_completion_tokens: 4096 }`. The transport says what it takes. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Chooses what the model sees and may do in each step. */
  readonly prepareStep?: PrepareStep;
  /** How the history is kept in bounds. Default: old tool results are dropped once the endpoint says it is too long. */
  readonly compaction?: Compaction;
  /** The answer is an object of this schema, checked, as `result.output`. */
  readonly output?: StandardSchema<unknown, Output> | JsonSchema;
}

/** What one run may bring. */
export interface RunOptions<Context = unknown> {
  /** Aborts the run. `result` rejects with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** The conversation so far, e.g. `result.messages` of the run before. */
  readonly history?: readonly Message[];
  /** The stored conversation that this run continues and is recorded in. Instead of `history`. */
  readonly session?: Session;
  /**
   * What to do when the session's last run was cut or waits for a person: `refuse` (the default) throws
   * `unfinished_run`; `leave` goes on without its end, and the model reads that its open calls have no result.
   */
  readonly unfinished?: 'refuse' | 'leave';
  /** Passed to each tool. Needed when the tools need it. */
  readonly context?: Context;
  /** They replace the agent's. */
  readonly limits?: readonly Limit[];
  /** Asked before the agent's own `approve`; `undefined` leaves it to that. */
  readonly approve?: ApproveCall<Context>;
  /** Where the run is recorded. Default: in this process. */
  readonly recorder?: Recorder;
  /** For a tool that runs an agent: the scope's `nested` makes that run a part of this one. */
  readonly nested?: NestedRun;
}

/** The options may be left out only where the tools need no context. */
export type RunArguments<Context> = unknown extends Context
  ? [options?: RunOptions<Context>]
  : [options: RunOptions<Context> & { readonly context: Context }];

/** What may be passed when a run goes on: where it is recorded, and what was said before, is settled. */
export type ResumeOptions<Context = unknown> = Omit<
  RunOptions<Context>,
  'history' | 'recorder' | 'nested' | 'session' | 'unfinished'
> & {
  /** On the calls that wait. A call without a fitting one is asked about again. */
  readonly decisions?: readonly Decision[];
};

/** How an agent looks to the model that may call it. */
export interface AgentToolOptions {
  readonly name: string;
  readonly description: string;
  /** They replace the agent's own for each call. */
  readonly limits?: readonly Limit[];
}

/** A person's answer to a pending call. `hash` binds it to the call's name and arguments. */
export interface Decision {
  readonly callId: string;
  readonly hash: string;
  /** `true` runs the call; `false` or words refuse it, and the model reads them. */
  readonly decision: boolean | string;
}

import type { Compaction } from './compaction.ts';
import type { Inbox } from './inbox.ts';
import type { Limit, Spent } from './limit.ts';
import type { Message } from './message.ts';
import type { Model, ModelRequest } from './model.ts';
import type { OutputPlan } from './output.ts';
import type { CallHost } from './run-call.ts';
import type { Plug } from './tool.ts';

/** A step that is about to be taken. */
export interface StepView {
  /** Counted from 1. */
  readonly step: number;
  /** What the model would see, the instructions included. */
  readonly messages: readonly Message[];
  /** The names of the tools it would be told of. */
  readonly tools: readonly string[];
  readonly spent: Spent;
}

/** What the model shall see and may do in one step. What is left out stays as it is. */
export interface StepChoice {
  /** Sent instead; the conversation itself is not changed. */
  readonly messages?: readonly Message[];
  /** The names of those that are told of. Fewer tools cost the endpoint's cache, and some hosts leak tokens without any. */
  readonly tools?: readonly string[];
  readonly toolChoice?: ModelRequest['toolChoice'];
  readonly thinking?: boolean;
  readonly model?: Model;
  /** Put over the agent's own, key by key. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Asked before each step. Not asked again for a step that is recorded already. */
export type PrepareStep = (
  view: StepView,
) => StepChoice | undefined | Promise<StepChoice | undefined>;

/** What one run is about. */
export interface Plan {
  readonly agent: string;
  readonly model: Model;
  /** The system message; none when empty. */
  readonly instructions: string;
  readonly history: readonly Message[];
  readonly input: readonly Message[];
  readonly inbox: Inbox;
  readonly tools: readonly Plug[];
  readonly limits: readonly Limit[];
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly prepareStep: PrepareStep | undefined;
  readonly compaction: Compaction;
  readonly output: OutputPlan | undefined;
  readonly host: CallHost;
  readonly signal: AbortSignal;
}

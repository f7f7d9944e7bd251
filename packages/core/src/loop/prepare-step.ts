import type { Message } from '../base/message.ts';
import type { ModelRequest, Model } from '../base/model.ts';
import type { Spent } from '../limits/limit.ts';

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

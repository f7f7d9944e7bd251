import type { Effect, Toolkit } from '@throughline/core';

/** A toolkit over a world of its own, and how to put that world away. The suite disposes of the toolkit first. */
export interface ToolkitUnderTest {
  readonly toolkit: Toolkit<never>;
  close?(): void | Promise<void>;
}

/** What the suite needs to know of a toolkit. */
export interface ToolkitCases {
  /** Asked for each check, so that none sees what another has done. */
  make(): ToolkitUnderTest | Promise<ToolkitUnderTest>;
  /** Each tool of the toolkit by its name. One that is missing here, or is not there, fails a check. */
  readonly tools: Readonly<Record<string, ToolCases>>;
  /** What the host passes to a run as `context`, where the tools need one. */
  readonly context?: unknown;
  /**
   * How many milliseconds may pass until a call that was aborted has ended, and until nothing of a toolkit is left after
   * `dispose`; default 5,000. It is a bound against hanging, and no measure.
   */
  readonly promptMs?: number;
}

/** What one tool is, and what to ask of it. */
export interface ToolCases {
  /** Said once more here, so that no tool has one by default. */
  readonly effect: Effect;
  /** Input with which it succeeds. */
  readonly works: ToolInput;
  /** Input that fits the schema and with which it fails. */
  readonly fails?: ToolInput;
  /** Input that makes it tell as much as it can. */
  readonly tellsMuch?: ToolInput;
  /** Input with which it is under way until it is aborted. */
  readonly waits?: ToolInput;
}

/** Arguments as the model would write them; or a function that makes them, calling other tools of the same run first. */
export type ToolInput =
  | Readonly<Record<string, unknown>>
  | ((call: CallTool) => Promise<Readonly<Record<string, unknown>>>);

/** Calls a tool and resolves to what the model would read of its result. */
export type CallTool = (name: string, input: Readonly<Record<string, unknown>>) => Promise<string>;

/** One thing every toolkit must do. `run` rejects with an assertion error where it does not. */
export interface ToolkitCheck {
  readonly name: string;
  run(): Promise<void>;
}

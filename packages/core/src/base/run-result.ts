import type { StopReason, LimitReading, CallPending, LogEntry } from './event.ts';
import type { Message } from './message.ts';
import type { Usage } from './model.ts';

/** What a run came to. */
export interface RunResult<Output = undefined> {
  /** The text of the last answer; empty when it had none. */
  readonly text: string;
  /** What the `output` schema made of the answer. Undefined without such a schema, and when the run was suspended or stopped. */
  readonly output: Output | undefined;
  /** The conversation without the instructions, ready to be passed as `history`. */
  readonly messages: readonly Message[];
  readonly usage: Usage;
  readonly stopReason: StopReason;
  readonly steps: number;
  /** The limit that ended the run, when one did. */
  readonly limit?: LimitReading;
  /** The calls that wait for a person; empty unless the run is suspended. */
  readonly pending: readonly CallPending[];
  /** JSON to keep until there are decisions; pass it to `agent.resume`. Only when the run is suspended. */
  readonly suspended?: SuspendedRun;
}
/** A run that waits for a person, as plain JSON. */
export interface SuspendedRun {
  readonly version: 1;
  readonly runId: string;
  readonly history: readonly Message[];
  readonly log: readonly LogEntry[];
}

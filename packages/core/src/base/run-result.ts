import type { CallOutcome, CallPending, LimitReading, LogEntry } from './event.ts';
import type { Content, Message } from './message.ts';
import type { Json, Usage } from './model.ts';

/** What a run came to, whatever ended it. */
interface RunFacts {
  /** The text of the last answer; empty when it had none. */
  readonly text: string;
  /** The reasoning of the last answer; empty when it had none. */
  readonly reasoning: string;
  /** Every call of the run that has its result, in order. */
  readonly calls: readonly CallMade[];
  /** The conversation without the instructions, ready to be passed as `history`. */
  readonly messages: readonly Message[];
  readonly usage: Usage;
  readonly steps: number;
}

interface Ended {
  /** The calls that wait for a person: none. */
  readonly pending: readonly CallPending[];
  readonly limit?: never;
  readonly suspended?: never;
}

/**
 * What a run came to; `stopReason` tells which. A run that failed or was aborted has no result: its promise rejects.
 * `output` is what the `output` schema made of the answer. With such a schema it is always there on `answer`.
 */
export type RunResult<Output = undefined> = RunFacts &
  (
    | (Ended & { readonly stopReason: 'answer'; readonly output: Output })
    /** The answer was cut: at its token budget, or by the endpoint's filter. */
    | (Ended & {
        readonly stopReason: 'length' | 'content_filter';
        readonly output: Output | undefined;
      })
    | (Omit<Ended, 'limit'> & {
        readonly stopReason: 'limit';
        /** The limit that ended the run. */
        readonly limit: LimitReading;
        readonly output: Output | undefined;
      })
    | (Omit<Ended, 'suspended'> & {
        /** The calls of `pending` wait for a person. */
        readonly stopReason: 'suspended';
        /** JSON to keep until there are decisions; pass it to `agent.resume`. Absent where a session keeps the run. */
        readonly suspended?: SuspendedRun;
        readonly output: undefined;
      })
  );

/** A call of a run, and what came of it. */
export interface CallMade {
  /** Counted from 1. */
  readonly step: number;
  /** The call's place in its answer, counted from 1. */
  readonly call: number;
  readonly callId: string;
  readonly name: string;
  /** As JSON text; `{}` where it could not be read. `inputOf` parses it. */
  readonly arguments: string;
  readonly outcome: CallOutcome;
  /** What the model read. */
  readonly content: Content;
  /** What the tool returned, when it is not simply the text the model reads. */
  readonly output?: Json;
}

/** A run that waits for a person, as plain JSON. */
export interface SuspendedRun {
  readonly version: 1;
  readonly runId: string;
  readonly history: readonly Message[];
  readonly log: readonly LogEntry[];
}

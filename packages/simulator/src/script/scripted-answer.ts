import type { FaultUse } from '../fault/plan.ts';
import type { ChatRequest } from '../wire/chat-request.ts';

/** What the model says, in order: a list of answers, or a function asked for each. */
export type Script =
  | readonly ScriptedAnswer[]
  | ((
      request: ChatRequest,
      about: { readonly index: number },
    ) => ScriptedAnswer | Promise<ScriptedAnswer>);

/** One answer of the scripted model. What is left out is not said. */
export interface ScriptedAnswer {
  readonly reasoning?: string | undefined;
  readonly text?: string | undefined;
  /** Calls of tools. `arguments` as an object is sent as JSON text, a string is sent raw. */
  readonly calls?: readonly ScriptedCall[] | undefined;
  /** Default: `tool_calls` if there are calls, else `stop`. */
  readonly finishReason?: string | undefined;
  /** Counts to report instead of the estimated ones. Totals are always made to fit. */
  readonly usage?: ScriptedUsage | undefined;
  /** Wait before the first byte, in ms. */
  readonly delayMs?: number | undefined;
  /** Wait between chunks, in ms; default: the simulator's own. */
  readonly pieceDelayMs?: number | undefined;
  /** Pause before each later call, in ms. */
  readonly callDelayMs?: number | undefined;
  /** Faults of this answer alone, once each by default. */
  readonly faults?: readonly FaultUse[] | undefined;
}

/** A call in a scripted answer. Without an `id` it gets the native one, `name:n`. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments?: unknown;
  readonly id?: string | undefined;
}

/** Counts a script may fix; cached never exceeds prompt, reasoning never completion. */
export interface ScriptedUsage {
  readonly prompt_tokens?: number | undefined;
  readonly completion_tokens?: number | undefined;
  readonly cached_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
}

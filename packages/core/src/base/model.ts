import type { Message } from './message.ts';
import type { Writable } from './writable.ts';

/** Any JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A JSON Schema (draft 2020-12) whose root is an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What the model is told of one tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

/** One question to a model. The arrays are read when `stream` is called and may grow afterwards. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: 'auto' | 'none' | { readonly name: string };
  /** Undefined: the transport's own setting. */
  readonly thinking?: boolean;
  /** What the endpoint takes and we do not look at, e.g. `{ max_completion_tokens: 4096 }`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Tokens, and dollars when the price is known. */
export interface Usage {
  /** All tokens the model read, cached ones included. */
  readonly inputTokens: number;
  /** The part of `inputTokens` that came from the endpoint's cache. */
  readonly cachedTokens: number;
  /** All tokens the model wrote, reasoning included. */
  readonly outputTokens: number;
  /** The part of `outputTokens` that was reasoning; 0 when the endpoint does not say. */
  readonly reasoningTokens: number;
  /** In US dollars; absent when no price is known. */
  readonly costUsd?: number;
  /** The endpoint did not count the tokens of some answer: these are about three characters to a token, on the safe side. */
  readonly estimated?: true;
}

/**
 * Why the model stopped. `tool_calls` and `stop` are both whole answers; `length` and `content_filter` cut
 * one short.
 */
export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter';

/**
 * A piece of an answer. A call's pieces share an `index`; its first piece that has an id or a name settles
 * that id or name. An answer without a `finish` part broke off.
 */
export type ModelPart =
  | {
      readonly type: 'reasoning';
      readonly delta: string;
      /** The wire's key, when it is not `reasoning_content`. */
      readonly key?: 'reasoning';
    }
  | { readonly type: 'text'; readonly delta: string }
  | {
      readonly type: 'call';
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly delta: string;
      /** It stood in the answer's text, where it may be a quotation: only a tool of effect `read` runs from it. */
      readonly leaked?: true;
      /** Why this call must not run, however whole it looks. The model reads it. */
      readonly doubt?: string;
    }
  /** Replaces any usage told before in the same answer. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      /** The endpoint did not say that it finished: the text may be cut short. It is asked again, if it may be. */
      readonly unsure?: true;
    }
  /** What the endpoint calls this answer and the model that gave it. Told with the end of the answer, not before its first part. */
  | { readonly type: 'response'; readonly id?: string; readonly model?: string }
  /** Something was mended or dropped on the way; the host sees it as a `warning` event. */
  | { readonly type: 'warning'; readonly message: string };

/**
 * The seam to a model: one method, always a stream, in batches (one for each network chunk).
 *
 * `stream` asks nothing of the caller but to read: ids are unique in the conversation, indexes are stable,
 * and no dialect of a host is left in the parts. It throws a `ModelError`, or the signal's reason on abort;
 * leaving the iteration early closes the connection. It asks again by itself only until the first part.
 */
export interface Model {
  /** The model's name, as the endpoint knows it. */
  readonly id: string;
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<readonly ModelPart[]>;
  /** What tokens cost in US dollars, for an answer that the endpoint did not count; undefined where no price is known. */
  costOf?(usage: Usage): number | undefined;
}
export const noUsage: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};
/** The sum. A cost is known as soon as one part's is. */
export function addUsage(a: Usage, b: Usage | undefined): Usage {
  if (b === undefined) return a;
  const sum: Writable<Usage> = {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
  if (a.costUsd !== undefined || b.costUsd !== undefined) {
    sum.costUsd = (a.costUsd ?? 0) + (b.costUsd ?? 0);
  }
  if (a.estimated || b.estimated) sum.estimated = true;
  return sum;
}

import type { Message } from './message.ts';
import type { Model, Usage } from './model.ts';

/** A conversation made shorter. */
export interface Shortened {
  /** What stands for it. */
  readonly messages: readonly Message[];
  /** What was done, in words. */
  readonly note: string;
  /** What a model used for it; it counts for the run. */
  readonly usage?: Usage;
}

/** Makes a conversation shorter. Undefined: it can do no more. */
export type Shorten = (
  messages: readonly Message[],
  about: { readonly model: Model; readonly signal: AbortSignal },
) => Promise<Shortened | undefined>;

/** When and how the history is kept in bounds. */
export interface Compaction {
  /** Before a request that is estimated above so many tokens. Default: only when the endpoint says it is too long. */
  readonly atTokens?: number;
  readonly shorten: Shorten;
}

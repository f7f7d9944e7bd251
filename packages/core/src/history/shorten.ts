import { ThroughlineError } from '../base/error.ts';
import type { Message } from '../base/message.ts';
import type { Model, Usage } from '../base/model.ts';
import { checkMessages } from './check-messages.ts';

/** A conversation made shorter. */
export interface Shortened {
  /** What stands for it. */
  readonly messages: readonly Message[];
  /** Says what was done, e.g. `dropped the text of 3 old tool results`. */
  readonly note: string;
  /** What a model used for the compaction; it counts for the run. */
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
/** Shortens, and checks that what came out can be sent. Throws `invalid_option` if the host's strategy broke it. */
export async function shortened(
  { shorten }: Compaction,
  messages: readonly Message[],
  about: { readonly model: Model; readonly signal: AbortSignal },
): Promise<Shortened | undefined> {
  const shorter = await shorten(messages, about);
  try {
    if (shorter !== undefined) checkMessages(shorter.messages, 'messages');
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ThroughlineError(
      'invalid_option',
      `The compaction returned messages that no endpoint accepts: ${reason}`,
      { cause },
    );
  }
  return shorter;
}

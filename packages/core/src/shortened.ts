import type { Compaction, Shortened } from './compaction.ts';
import { checkMessages } from './conversation.ts';
import { ThroughlineError } from './error.ts';
import type { Message } from './message.ts';
import type { Model } from './model.ts';

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
    const why = (cause as Error).message;
    throw new ThroughlineError(
      'invalid_option',
      `The compaction returned messages that no endpoint takes: ${why}`,
      { cause },
    );
  }
  return shorter;
}

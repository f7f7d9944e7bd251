import type { AssistantMessage } from '@throughline/core';

/** What an answer says that no delta has shown, thoughts first: the answer of a run that is resumed, or that was shown whole. */
export function unshownWords(
  { reasoning_content, reasoning = '', content }: AssistantMessage,
  shown: ReadonlySet<'reasoning' | 'text'>,
): readonly { readonly kind: 'reasoning' | 'text'; readonly text: string }[] {
  const words = [
    { kind: 'reasoning', text: reasoning_content ?? reasoning },
    { kind: 'text', text: content ?? '' },
  ] as const;
  return words.filter(({ kind, text }) => text !== '' && !shown.has(kind));
}

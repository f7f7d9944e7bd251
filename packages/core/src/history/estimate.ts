import type { Content, Message } from '../base/message.ts';

/** A rough count, three characters to a token, which is on the safe side for English and code. */
export function estimateTokens(message: Message): number {
  let characters = lengthOf(message.content ?? '') + 12;
  if (message.role === 'assistant') {
    characters += (message.reasoning_content ?? message.reasoning ?? '').length;
    for (const { function: named } of message.tool_calls ?? []) {
      characters += named.name.length + named.arguments.length + 24;
    }
  }
  return Math.ceil(characters / 3);
}

/** In characters. */
export function lengthOf(content: Content): number {
  if (typeof content === 'string') return content.length;
  // A picture costs tokens by its size, not by its bytes; about a thousand is what hosts count.
  return content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 3_000), 0);
}

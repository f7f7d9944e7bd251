import type { Message } from '../../src/index.ts';

/** Throws unless every call of every assistant message has exactly one tool message, at once and in call order. */
export function expectPaired(messages: readonly Message[]): void {
  for (let at = 0; at < messages.length;) {
    const message = messages[at++];
    if (message?.role === 'tool') throw new Error(`messages[${at - 1}] answers no call`);
    if (message?.role !== 'assistant') continue;
    for (const { id, function: named } of message.tool_calls ?? []) {
      const result = messages[at++];
      if (result?.role !== 'tool' || result.tool_call_id !== id) {
        throw new Error(`${named.name} (${id}) is followed by ${JSON.stringify(result)}`);
      }
      if (result.content.length === 0) throw new Error(`the result of ${id} is empty`);
      JSON.parse(named.arguments); // never stored broken
    }
  }
}

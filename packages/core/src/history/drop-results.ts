import type { Message, ToolMessage } from '../base/message.ts';
import type { Shortened } from './shorten.ts';
import { lengthOf } from './estimate.ts';

/** Drops the text of all longer tool results but those of the last `keep` steps. Undefined where there are none. */
export function dropResults(messages: readonly Message[], keep: number): Shortened | undefined {
  const from = startOfLastSteps(messages, keep);
  let dropped = 0;
  const shorter = messages.map((message, at) => {
    if (message.role !== 'tool' || at >= from || lengthOf(message.content) < 200) return message;
    dropped++;
    return { ...message, content: droppedWords(message) };
  });
  if (dropped === 0) return undefined;
  return { messages: shorter, note: `dropped the text of ${dropped} old tool results` };
}

function droppedWords({ content }: ToolMessage): string {
  return `[This result of ${lengthOf(content)} characters was dropped to save room. Call again if you need it.]`;
}
/** Where the last `keep` answers begin: always at an assistant message, so that no result loses its call. */
export function startOfLastSteps(messages: readonly Message[], keep: number): number {
  let at = messages.length;
  for (let found = 0; found < keep && at > 0;) {
    at = messages.findLastIndex(({ role }, index) => index < at && role === 'assistant');
    if (at === -1) return 0;
    found++;
  }
  return at;
}

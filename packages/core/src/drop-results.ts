import type { Shortened } from './compaction.ts';
import { lengthOf } from './estimate.ts';
import { startOfLastSteps } from './last-steps.ts';
import type { Message, ToolMessage } from './message.ts';

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

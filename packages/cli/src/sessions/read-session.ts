import { textOf } from '@throughline/core';
import type { Message, Session, SessionLine } from '@throughline/core';

/** The stored lines of a session, in order. */
export async function* eventLines(session: Session): AsyncGenerator<SessionLine> {
  for await (const lines of session.log.read()) yield* lines;
}

/** A conversation as Markdown for a reader: what was said, thought, called and returned. */
export async function sessionAsMarkdown(session: Session): Promise<string> {
  const parts = session.messages.map(messageAsMarkdown).filter((part) => part !== '');
  return [`# ${session.id}`, ...parts].join('\n\n');
}

function messageAsMarkdown(message: Message): string {
  const text = textOf(message.content ?? '').trim();
  if (message.role === 'user') return `## You\n\n${text}`;
  if (message.role === 'tool') return `${fenced(text)}`;
  if (message.role !== 'assistant') return '';
  const { reasoning_content: reasoning = message.reasoning ?? '', tool_calls: made = [] } = message;
  const thought = reasoning.trim();
  const calls = made.map(
    ({ function: { name, arguments: input } }) => `→ \`${name}\`\n\n${fenced(input)}`,
  );
  const parts = ['## Model', thought && quoted(thought), text, ...calls];
  return parts.filter((part) => part !== '').join('\n\n');
}

function quoted(text: string): string {
  return text.replace(/^/gm, '> ');
}

/** A fence longer than any inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

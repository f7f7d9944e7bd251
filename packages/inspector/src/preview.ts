import type { Content } from '@throughline/core';

/** The beginning of a text in one line, so that a row has one height whatever it says. */
export function oneLine(text: string, most = 200): string {
  const line = text
    .slice(0, most * 2)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > most || text.length > most * 2 ? `${line.slice(0, most)}…` : line;
}

/** What a message says, with a word for each picture and video. The file may hold anything. */
export function textOfContent(content: Content | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: Exclude<Content, string>[number]) =>
      part.type === 'text' ? part.text : `[${part.type.replace('_url', '')}]`,
    )
    .join(' ');
}

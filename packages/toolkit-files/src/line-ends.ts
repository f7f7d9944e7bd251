/** The same text with the line ends of its surroundings, where it has none of its own. */
export function withLineEnds(text: string, end: string): string {
  return end === '\n' || text.includes('\r') ? text : text.split('\n').join(end);
}

/** What ends the line at an index; of the last line, what ends the one before. */
export function lineEndAt(text: string, at: number): string {
  return nextEnd(text, at) ?? previousEnd(text, at) ?? '\n';
}

function nextEnd(text: string, at: number): string | undefined {
  for (let index = at; index < text.length; index++) {
    if (text[index] === '\n') return '\n';
    if (text[index] === '\r') return text[index + 1] === '\n' ? '\r\n' : '\r';
  }
  return undefined;
}

function previousEnd(text: string, at: number): string | undefined {
  for (let index = at - 1; index >= 0; index--) {
    if (text[index] === '\n') return text[index - 1] === '\r' ? '\r\n' : '\n';
    if (text[index] === '\r') return '\r';
  }
  return undefined;
}

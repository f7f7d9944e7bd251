/** The same text with the line ends of its surroundings, where it has none of its own. */
export function withLineEnds(text: string, end: string): string {
  return end === '\n' || text.includes('\r') ? text : text.split('\n').join(end);
}

/**
 * Says what ends the line at an index; of the last line, what ends the one before. To be asked for indices that grow: so the text is
 * looked through once, however many are asked for.
 */
export function lineEnds(text: string): (at: number) => string {
  const ends = /\r\n|\n|\r/g;
  let next = ends.exec(text);
  let last = '\n';
  return (at) => {
    // Between the two letters of an end, the second alone ends the line.
    while (next !== null && next.index + next[0].length <= at) {
      last = next[0];
      next = ends.exec(text);
    }
    if (next === null) return last;
    return next.index < at ? '\n' : next[0];
  };
}

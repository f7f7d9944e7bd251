/** A name that comes in pieces, as far as it has come. */
export interface JoinedName {
  readonly name: string;
  /** What may not be meant, in words for the model. */
  readonly doubt?: string;
}

/** A longer one is no name of a tool, whatever comes behind it. */
const longestName = 256;

/**
 * The name with another piece of it. Hosts send a name once, again with every delta, longer with every delta, or
 * really in pieces.
 */
export function joinName(before: string, piece: string, toolNames: readonly string[]): JoinedName {
  if (before.length > longestName) return { name: before };
  const joined = before + piece;
  if (before === '') return { name: piece };
  if (piece === before) {
    return toolNames.includes(joined)
      ? { name: before, doubt: `its name came twice, and "${joined}" is a tool too` }
      : { name: before };
  }
  if (toolNames.includes(joined)) return { name: joined };
  return { name: piece.startsWith(before) ? piece : joined };
}

/** Whether a tool has a longer name that begins like this one, which is none. */
export function mayGrow(name: string, toolNames: readonly string[]): boolean {
  return !toolNames.includes(name) && toolNames.some((known) => known.startsWith(name));
}

/** Whether a piece can only be the rest of the name before it: alone it names no tool, and joined it does. */
export function isRest(before: string, piece: string, toolNames: readonly string[]): boolean {
  return before !== '' && !toolNames.includes(piece) && toolNames.includes(before + piece);
}

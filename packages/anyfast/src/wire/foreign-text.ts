/**
 * Text of another program on its way into our errors, warnings and debug output. A terminal obeys control characters, and
 * a log takes a line break for a new entry, so neither passes unseen.
 */

/** No host says more than this in words that matter; what is longer echoes the request, or attacks. */
export const longestForeign = 4096;

/** The text with each character that cannot be seen written out: ESC is `\x1b`, a right-to-left mark `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, writtenOut);
}

/** The same for a text of several lines that are shown as lines. */
export function visibleLines(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, writtenOut);
}

/** The text in one line, cut to `longest` characters and visible. */
export function oneLine(text: string, longest: number = longestForeign): string {
  // Cut before anything else looks at it, with room for the blanks that go.
  const line = text
    .slice(0, longest * 2)
    .replace(/\s+/g, ' ')
    .trim();
  return visible(line.length > longest ? `${line.slice(0, longest)}…` : line);
}

function writtenOut(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code < 256 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

const bytesPerToken = 4;

/**
 * A rough count of tokens: one for every four bytes of UTF-8. The simulator has no tokenizer; what
 * it promises is that more bytes never count as fewer tokens.
 */
export function estimateTokens(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

/** The same rough count for a number of bytes. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

/**
 * Cuts a text into pieces about as long as tokens, never through a surrogate pair. A text of more
 * than 4 KB is cut into about a thousand pieces instead, so that a long one stays quick.
 */
export function pieces(text: string): readonly string[] {
  const size = Math.max(bytesPerToken, Math.ceil(text.length / 1024));
  const found: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + size, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}

/** The start of a text that is about so many tokens long. */
export function firstTokens(text: string, tokens: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > tokens * bytesPerToken) break;
    kept += character;
  }
  return kept;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

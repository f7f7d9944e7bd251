/** The system's word for what failed, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** A text in a sentence: a JSON string in which nothing invisible is left. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
  return quoted.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A count or a size, as people write it. */
export function count(value: number, noun: string, nouns = `${noun}s`): string {
  return `${value.toLocaleString('en-US')} ${value === 1 ? noun : nouns}`;
}

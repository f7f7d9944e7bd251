/** A URL or a name in a sentence: a JSON string in which nothing invisible is left. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}…` : text);
  return quoted.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A count or a size, as people write it. */
export function count(value: number, noun: string, nouns = `${noun}s`): string {
  // By hand: the first number that Intl writes takes 20 ms, and each start of a program would wait for it.
  const digits = String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${digits} ${value === 1 ? noun : nouns}`;
}

/** The system's or a library's word for what failed, such as `ECONNREFUSED`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Without the first half of a letter whose second half has been cut off. */
export function wholeLetters(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}

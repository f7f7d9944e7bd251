import { ThroughlineError } from '@throughline/core';

/** What the host passed cannot be used. Also used for one operation, whose tool is then left out with these words. */
export function refusal(why: string): ThroughlineError {
  return new ThroughlineError('invalid_option', `openapi: ${why}`);
}

/** A text in a sentence: short, quoted, and with nothing invisible left in it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const quoted = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
  return quoted.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

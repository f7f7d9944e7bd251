import type { Host } from '../command.ts';
import { visibleText } from './visible-text.ts';
import { withoutKey } from './without-key.ts';

/** Makes foreign text fit for this terminal: visible, and without the endpoint's key. */
export interface TextCleaner {
  /** Applied twice, it gives the same. */
  clean(text: string): string;
  /** How many units at the end of a text that still grows may be half of something: of a character, a line end, or the key. */
  held(text: string): number;
}

export function cleanerFor(env: Host['env']): TextCleaner {
  const key = env['ANYFAST_API_KEY']?.trim() ?? '';
  return {
    clean: (text) => visibleText(withoutKey(text, env)),
    held: (text) => {
      for (let length = Math.min(key.length - 1, text.length); length > 0; length--) {
        if (text.endsWith(key.slice(0, length))) return length;
      }
      return /[\r\ud800-\udbff]$/.test(text) ? 1 : 0;
    },
  };
}

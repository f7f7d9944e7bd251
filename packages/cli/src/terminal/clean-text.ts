import type { Host } from '../command.ts';
import { visibleText } from './visible-text.ts';
import { withoutKey } from './without-key.ts';

/** Makes foreign text fit for this terminal: visible, and without the endpoint's key. */
export interface TextCleaner {
  /** Applied twice, it gives the same. */
  clean(text: string): string;
  /** How many units at the end of a text that still grows are half of something: of a character, or of a line end. */
  held(text: string): number;
}

/** A key that is spelled over several pieces is struck out where the pieces come from: `eventsWithoutKey`. */
export function cleanerFor(env: Host['env']): TextCleaner {
  return {
    clean: (text) => visibleText(withoutKey(text, env)),
    held: (text) => (/[\r\ud800-\udbff]$/.test(text) ? 1 : 0),
  };
}

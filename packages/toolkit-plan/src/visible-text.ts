import * as z from 'zod';

/**
 * Text of one line for a person: trimmed, not empty, at most so many characters. What a terminal obeys, what shows nothing and what
 * reorders text is refused, so that no text can pass for another one or for the host's own words.
 */
export function line(mostCharacters: number) {
  return text(mostCharacters).refine((text) => !odd.test(text), notVisible('a line break or '));
}

/** The same, and line breaks may stand in it. */
export function paragraph(mostCharacters: number) {
  return text(mostCharacters).refine((text) => !odd.test(text.replaceAll('\n', '')), notVisible());
}

/** For `superRefine` of a list: refuses two items whose `key` a person could not tell apart, and names the later one. */
export function eachDiffers<Key extends string>(key: Key) {
  return (items: readonly Readonly<Record<Key, string>>[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    const twin = items.findIndex((item) => seen.size === seen.add(folded(item[key])).size);
    if (twin < 0) return;
    const message = `${JSON.stringify(items[twin]?.[key])} stands twice; each ${key} must differ`;
    context.addIssue({ code: 'custom', path: [twin, key], message });
  };
}

function text(most: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => showing(text) !== '', 'it holds nothing that can be seen');
}

function notVisible(or = ''): string {
  return `it holds ${or}a character that is not visible text, such as a control character`;
}

function folded(text: string): string {
  return showing(text).normalize('NFKC').replace(/\s+/g, ' ').toLowerCase();
}

/** Without what joins letters or chooses their form, which alone is not seen, and without the empty letter of Braille. */
function showing(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}|\u2800/gu, '').trim();
}

/** Control characters, halves of a pair, zero-width characters but the joiners, fillers, tags, and what turns the direction of text. */
const odd =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\u034f|\u17b4|\u17b5/u;

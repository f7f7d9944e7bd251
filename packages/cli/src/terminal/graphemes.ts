import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The characters of a text as a person sees them: an emoji of several code points is one. */
export function graphemes(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** The columns that a visible text takes. */
export function widthOf(text: string): number {
  // Asked for each key and each delta, and nearly always plain.
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text);
}

/**
 * Characters that take one column each and never join with another. Nearly all text is made of them, and so is a screen that nothing was
 * said on yet; it stands before what measures all others is loaded, which takes as long as all the rest.
 */
const plain =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u203a\u2190-\u2193\u22ef\u2500-\u257f]*$/;

let measure: ((text: string) => number) | undefined;
let segmenter: Intl.Segmenter | undefined;

/** Whether a text can be measured at once. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/** Loads what measures text that is not plain. It must be awaited before such a text is measured. */
export async function loadWidths(): Promise<void> {
  measure ??= (await import('string-width')).default;
}

/** The columns that a visible text takes. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  if (measure === undefined) throw new Error('widthOf() is asked before loadWidths().');
  return measure(text);
}

/** The characters of a text as a person sees them: an emoji of several code points is one. */
export function graphemes(text: string): string[] {
  if (isPlain(text)) return text.split('');
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

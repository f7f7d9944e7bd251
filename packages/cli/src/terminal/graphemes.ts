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
  let width = 0;
  for (const characters of segmented(text)) {
    for (const character of characters) width += knownWidths.get(character) ?? measured(character);
  }
  return width;
}

/** Measuring takes microseconds, and a text is measured again with each frame that it is shown in. */
const knownWidths = new Map<string, number>();
const mostKnown = 10_000;

function measured(character: string): number {
  if (measure === undefined) throw new Error('widthOf() is asked before loadWidths().');
  const width = measure(character);
  if (knownWidths.size === mostKnown) knownWidths.clear();
  knownWidths.set(character, width);
  return width;
}

/** The characters of a text as a person sees them: an emoji of several code points is one. */
export function graphemes(text: string): string[] {
  if (isPlain(text)) return text.split('');
  return [...segmented(text)].flat();
}

/** What is segmented at once: the time that it takes grows with the square of the length. */
const most = 500;

/** The characters of a text, some hundreds at a time. */
function* segmented(text: string): Generator<readonly string[], void, void> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let rest = '';
  for (let from = 0; from < text.length;) {
    const isParted = /[\ud800-\udbff]/.test(text.charAt(from + most - 1));
    const to = from + most + (isParted ? 1 : 0);
    const piece = rest + text.slice(from, to);
    const characters = [...segmenter.segment(piece)].map(({ segment }) => segment);
    // The last one may go on in the next piece.
    rest = to < text.length ? (characters.pop() ?? '') : '';
    from = to;
    yield characters;
  }
}

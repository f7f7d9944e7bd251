/** Texts up to this length are looked for by the engine itself, whose time may grow with both lengths multiplied. */
const short = 64;

/**
 * Where a text stands in another, at most `most` times, in order. Two places may overlap unless `apart`. The time grows with the sum of
 * both lengths, whatever they hold: a model makes one of them up.
 */
export function placesIn(
  text: string,
  wanted: string,
  { most, apart }: { readonly most: number; readonly apart: boolean },
): readonly number[] {
  return wanted.length <= short
    ? byEngine(text, wanted, { most, step: apart ? wanted.length : 1 })
    : byBorders(text, wanted, { most, apart });
}

function byEngine(
  text: string,
  wanted: string,
  { most, step }: { readonly most: number; readonly step: number },
): readonly number[] {
  const starts: number[] = [];
  let at = text.indexOf(wanted);
  for (; at >= 0 && starts.length < most; at = text.indexOf(wanted, at + step)) starts.push(at);
  return starts;
}

/** Knuth, Morris and Pratt: no letter of the text is looked at again. */
function byBorders(
  text: string,
  wanted: string,
  { most, apart }: { readonly most: number; readonly apart: boolean },
): readonly number[] {
  const borders = bordersOf(wanted);
  const starts: number[] = [];
  let same = 0;
  for (let at = 0; at < text.length && starts.length < most; at++) {
    const letter = text.charCodeAt(at);
    while (same > 0 && wanted.charCodeAt(same) !== letter) same = borders[same - 1] ?? 0;
    if (wanted.charCodeAt(same) === letter) same++;
    if (same < wanted.length) continue;
    starts.push(at + 1 - wanted.length);
    same = apart ? 0 : (borders[same - 1] ?? 0);
  }
  return starts;
}

/** For each beginning of a text: how long the longest shorter one is that it also ends with. */
function bordersOf(wanted: string): Int32Array {
  const borders = new Int32Array(wanted.length);
  let same = 0;
  for (let at = 1; at < wanted.length; at++) {
    const letter = wanted.charCodeAt(at);
    while (same > 0 && wanted.charCodeAt(same) !== letter) same = borders[same - 1] ?? 0;
    if (wanted.charCodeAt(same) === letter) same++;
    borders[at] = same;
  }
  return borders;
}

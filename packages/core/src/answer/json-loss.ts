/**
 * What JavaScript would lose or misread of valid JSON, in words; undefined where it keeps everything: a key that stands twice in
 * one object, the key `__proto__`, an integer that it cannot hold exactly, a number beyond its range. `JSON.parse` says
 * nothing of these. A fraction is rounded as everywhere, which is no loss.
 */
export function jsonLoss(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each object; undefined for an array
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (isKey && keys !== undefined) {
        const loss = keyLoss(text.slice(at, end), keys);
        if (loss !== undefined) return loss;
        isKey = false;
      }
      at = end - 1;
    } else if (character === '{' || character === '[') {
      isKey = character === '{';
      open.push(isKey ? new Set() : undefined);
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',') isKey = open.at(-1) !== undefined;
    else if (character === '-' || isDigit(character)) {
      const number = /^[-+.\deE]+/.exec(text.slice(at, at + longestNumber))?.[0] ?? '';
      const loss = numberLoss(number);
      if (loss !== undefined) return loss;
      at += number.length - 1;
    }
  }
  return undefined;
}

/** No number that means something is longer; a longer one is read as if it ended here, which loses it. */
const longestNumber = 400;

/** The end of the string that starts at `from`, behind its closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') return at + 1;
  }
  return text.length;
}

function keyLoss(written: string, keys: Set<string>): string | undefined {
  const key = written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
  if (key === '__proto__') return 'the key "__proto__" is not allowed';
  if (keys.has(key)) return `the key ${shortened(written)} stands twice in one object`;
  keys.add(key);
  return undefined;
}

function numberLoss(written: string): string | undefined {
  const value = Number(written);
  if (!Number.isFinite(value)) return `the number ${shortened(written)} is out of range`;
  if (value === 0 && /[1-9]/.test(written.split(/e/i)[0] ?? '')) {
    return `the number ${shortened(written)} is too small to be held`;
  }
  // A text that JavaScript would write itself comes out as it went in.
  if (Number.isSafeInteger(value) || /e/i.test(written) || written === String(value))
    return undefined;
  const [whole = '0'] = written.split('.');
  if (Math.abs(value) < Number.MAX_SAFE_INTEGER || BigInt(whole) === BigInt(value))
    return undefined;
  return `the number ${shortened(written)} has too many digits to be held exactly`;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function shortened(written: string): string {
  return written.length > 40 ? `${written.slice(0, 40)}…` : written;
}

/**
 * A `pattern` as the validator can read it, which uses the `u` flag: many are written for engines without it, such as
 * `^https\:\/\/` or `^[\w-.]+$`. Throws the engine's own error for one that is valid in neither.
 */
export function unicodePattern(pattern: string): string {
  if (isPattern(pattern, 'u')) return pattern;
  const strict = strictlyEscaped(pattern);
  // The test of its meaning without the flag: what is not valid there either is the author's mistake.
  ''.match(new RegExp(pattern));
  return isPattern(strict, 'u') ? strict : refuse(pattern);
}

function refuse(pattern: string): never {
  ''.match(new RegExp(pattern, 'u'));
  throw new Error('unreachable');
}

function isPattern(text: string, flags: string): boolean {
  try {
    return ''.match(new RegExp(text, flags)) !== undefined;
  } catch {
    return false;
  }
}

/** Drops the escapes that mean nothing, and escapes what only then stands for itself. */
function strictlyEscaped(pattern: string): string {
  let inClass = false;
  let result = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      const next = pattern.charAt(++at);
      const means = /[\dA-Za-z^$\\.*+?()[\]{}|/]/.test(next) || (inClass && next === '-');
      result += means ? `\\${next}` : next;
    } else if (inClass && character === '-' && isBesideClass(pattern, at)) result += '\\-';
    else if (!inClass && (character === ']' || isLoneBrace(pattern, at)))
      result += `\\${character}`;
    else {
      if (character === '[') inClass = true;
      if (character === ']') inClass = false;
      result += character;
    }
  }
  return result;
}

/** `[\w-.]`: the hyphen after or before a class of characters can only stand for itself. */
function isBesideClass(pattern: string, at: number): boolean {
  const isAfter = /\\[wWdDsS]$/.test(pattern.slice(Math.max(0, at - 2), at));
  return isAfter || /^\\[wWdDsS]/.test(pattern.slice(at + 1, at + 3));
}

/** A brace that begins or ends no quantifier. */
function isLoneBrace(pattern: string, at: number): boolean {
  const character = pattern.charAt(at);
  if (character === '{') return !/^\{\d+(,\d*)?\}/.test(pattern.slice(at, at + 24));
  return character === '}' && !/\{\d+(,\d*)?\}$/.test(pattern.slice(Math.max(0, at - 24), at + 1));
}

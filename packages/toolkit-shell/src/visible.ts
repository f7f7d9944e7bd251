/**
 * Output as a model and a person may read it. Colours and cursor moves are left out, line ends become `\n`, and every
 * other character that a terminal obeys or that shows nothing is written out: `\x1b`, `\u202e`. So nothing in the
 * text can hide, overwrite or reorder another part of it.
 */
export function visible(text: string): string {
  if (!odd.test(text)) return text;
  return text
    .replace(cursorMoves, '')
    .replace(/\r+\n|\r/g, '\n')
    .replace(oddOnes, written);
}

// eslint-disable-next-line no-control-regex
const cursorMoves = /\u001b\[[0-?]{0,64}[ -/]{0,8}[@-~]/g;

const oddSet =
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]';
const odd = new RegExp(oddSet, 'u');
const oddOnes = new RegExp(oddSet, 'gu');

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

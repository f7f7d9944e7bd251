import type { Host } from '../command.ts';

/** How a text looks. A screen shows it, a pipe and NO_COLOR do not. */
export type Style =
  | 'bold'
  | 'dim'
  | 'italic'
  | 'underline'
  | 'strike'
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan';

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  strike: [9, 29],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** Puts styles on a text that is visible already. */
export type Paint = (styles: readonly Style[], text: string) => string;

/** The painter for a stream: plain where it is no terminal, and where NO_COLOR is set to anything. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: Host['env']): Paint {
  const isPlain = stream.isTTY !== true || Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  if (isPlain) return (_, text) => text;
  return (styles, text) => {
    if (text === '' || styles.length === 0) return text;
    const on = styles.map((style) => codes[style][0]).join(';');
    const off = styles.map((style) => codes[style][1]).join(';');
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

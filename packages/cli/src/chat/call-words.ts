import { diffLines, isDiff } from '../terminal/diff-lines.ts';
import { linesOf, span, wrap } from '../terminal/line.ts';
import type { Line } from '../terminal/line.ts';
import { visibleLine } from '../terminal/visible-text.ts';

/** A call on one line of at most `width` columns: its mark, its name, and as much of its arguments as fits. */
export function callLine(
  mark: string,
  { name, arguments: input }: { readonly name: string; readonly arguments: string },
  width: number,
): Line {
  const words = visibleLine(commandOf(input) ?? input);
  const [row = []] = wrap([span(`${mark} ${visibleLine(name)} `, 'cyan'), span(words)], width);
  const isCut = row.reduce((sum, { text }) => sum + text.length, 0) < words.length;
  return isCut ? [...row, span('…', 'dim')] : row;
}

/** A whole call, as a person must see it who decides on it: nothing is left out. */
export function wholeCall(
  { name, arguments: input }: { readonly name: string; readonly arguments: string },
  width: number,
  clean: (text: string) => string,
): Line[] {
  const command = commandOf(input);
  const parts = command === undefined ? fields(input) : [{ name: '$', text: command }];
  const lines = parts.flatMap(({ name: field, text }) => textLines(clean(`${field} ${text}`)));
  const body = lines.flatMap((line) => wrap([span('  '), ...line], width, [span('    ')]));
  return [[span(visibleLine(clean(name)), 'bold', 'cyan')], ...body];
}

/** The lines of a tool's text; a diff is coloured. */
export function textLines(text: string): Line[] {
  return isDiff(text) ? diffLines(text) : linesOf(text);
}

/** The command, where a command is all that the arguments say. */
function commandOf(input: string): string | undefined {
  const value = parsed(input);
  const { command, ...rest } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof command === 'string' && Object.keys(rest).length === 0 ? command : undefined;
}

function fields(input: string): readonly { readonly name: string; readonly text: string }[] {
  const value = parsed(input);
  if (typeof value !== 'object' || value === null) return [{ name: 'arguments:', text: input }];
  return Object.entries(value).map(([name, field]: [string, unknown]) => ({
    name: `${name}:`,
    text: typeof field === 'string' ? field : JSON.stringify(field),
  }));
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return undefined;
  }
}

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
  const lines = parts.flatMap(({ name: field, text }) =>
    isEdits(text)
      ? text.flatMap((edit) => editLines(edit, clean))
      : textLines(clean(`${field} ${text}`)),
  );
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

/** A change of a text, as the tools for files take it. */
interface Edit {
  readonly old_string: string;
  readonly new_string: string;
}

function isEdits(value: unknown): value is readonly Edit[] {
  const isEdit = (one: unknown) => {
    const { old_string: before, new_string: after } = (one ?? {}) as Partial<Edit>;
    return typeof before === 'string' && typeof after === 'string';
  };
  return Array.isArray(value) && value.length > 0 && value.every(isEdit);
}

/** A change as the lines that go and those that come, and what else it says. */
function editLines(
  { old_string: before, new_string: after, ...rest }: Edit,
  clean: (text: string) => string,
): Line[] {
  const marked = (mark: string, text: string) => clean(text).replace(/^/gm, mark);
  const more = Object.keys(rest).length === 0 ? [] : linesOf(clean(JSON.stringify(rest)));
  return [...diffLines(marked('-', before)), ...diffLines(marked('+', after)), ...more];
}

interface Field {
  readonly name: string;
  readonly text: string | readonly Edit[];
}

function fields(input: string): readonly Field[] {
  const value = parsed(input);
  if (typeof value !== 'object' || value === null) return [{ name: 'arguments:', text: input }];
  return Object.entries(value).map(([name, field]: [string, unknown]) => ({
    name: `${name}:`,
    text: typeof field === 'string' || isEdits(field) ? field : JSON.stringify(field),
  }));
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return undefined;
  }
}

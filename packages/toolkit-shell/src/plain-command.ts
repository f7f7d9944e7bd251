import { parse } from 'unbash';
import type { Command, Redirection, Statement, Word, WordPart } from 'unbash';

/** A command line that consists of words alone: what each command in it is called with, and the line written anew. */
export interface PlainLine {
  /** The words of each command, unquoted, the command's name first. */
  readonly commands: readonly (readonly string[])[];
  /** The same line, with each word in single quotes: the shell has nothing left to interpret in it. */
  readonly text: string;
}

/**
 * Reads a line as plain words. Undefined for a line in which the shell would do more than split it: substitute, expand,
 * assign, redirect (but to `/dev/null`, and `2>&1`), define, branch, repeat, or run in the background. Commands may be joined by `|`, `&&`, `||`,
 * `;` and line ends. What cannot be read without doubt is not plain.
 */
export function plainLine(line: string): PlainLine | undefined {
  if (line.length > longestLine || invisible.test(line) || joinsHalves.test(line)) return undefined;
  try {
    const { commands, errors = [], shebang } = parse(line);
    if (errors.length > 0 || shebang !== undefined || commands.length === 0) return undefined;
    const found: Found = { commands: [], places: [] };
    const text = commands.map((statement) => writeStatement(statement, found)).join('; ');
    return hasNothingElse(line, found) ? { commands: found.commands, text } : undefined;
  } catch {
    return undefined; // NotPlain, or a line that the parser fails on
  }
}

/** A longer line is for a person to look at, not for a rule. */
const longestLine = 10_000;

/** No control, format or line separator character but tab and line feed: a person must see in a log what a rule has allowed. */
const invisible = /[^\P{C}\t\n]|[\u2028\u2029]/u;

/**
 * A line end after a backslash vanishes before the shell looks for words, so `$\⏎x` is the variable `$x`, and `|\⏎|` is `||`. The
 * parser takes the halves for what they are alone. After white space it can join no halves. A backslash at the very end waits for
 * such a line end.
 */
const joinsHalves = /(?<![ \t\n])\\\n|\\$/;

class NotPlain extends Error {}

/** What was read, and where in the line it stands. */
interface Found {
  readonly commands: string[][];
  readonly places: { readonly pos: number; readonly end: number }[];
}

/**
 * The parser is made for editors and mends what it can, such as a parenthesis that leads nowhere, not always with a word about it. So
 * what is left of the line without all that was read must be white space, comments and what joins commands.
 */
function hasNothingElse(line: string, { places }: Found): boolean {
  let rest = '';
  let from = 0;
  for (const { pos, end } of places) {
    if (pos < from) return false;
    rest += `${line.slice(from, pos)}\0`;
    from = end;
  }
  rest += line.slice(from);
  return /^(?:[ \t\n]|\0|\\\n|\|\|?|&&|;)*$/.test(rest.replace(/(?<=^|[ \t\n;|&])#[^\n]*/g, ''));
}

/** Adds the commands of a statement to `found` and returns the statement written anew. */
function writeStatement({ command, background }: Statement, found: Found): string {
  if (background === true) throw new NotPlain();
  const parts = command.type === 'AndOr' ? command.commands : [command];
  const pipelines = parts.map((part) => {
    if (part.type !== 'Pipeline') return writeCommand(part, found);
    if (part.prefixes.length > 0 || part.operators.some((one) => one !== '|')) throw new NotPlain();
    return part.commands.map((one) => writeCommand(one, found)).join(' | ');
  });
  if (command.type !== 'AndOr') return pipelines.join('');
  return pipelines
    .map((text, at) => (at === 0 ? text : `${command.operators[at - 1]} ${text}`))
    .join(' ');
}

function writeCommand(node: { readonly type: string }, found: Found): string {
  if (node.type !== 'Command') throw new NotPlain();
  const { name, prefix, suffix } = node as Command;
  if (name === undefined || prefix.length > 0) throw new NotPlain();
  const words = [plainWord(name)];
  const written = [quoted(plainWord(name))];
  found.places.push(name);
  for (const item of suffix) {
    found.places.push(item);
    if (item.type === 'Word') {
      words.push(plainWord(item));
      written.push(quoted(plainWord(item)));
    } else if (item.type === 'Redirect') {
      written.push(writeRedirection(item));
    } else {
      throw new NotPlain();
    }
  }
  found.commands.push(words);
  return written.join(' ');
}

function writeRedirection(node: Redirection): string {
  if (node.type !== 'Redirect' || node.target === undefined) throw new NotPlain();
  const { operator, descriptor } = node;
  if (descriptor?.type === 'FileDescriptorVariable') throw new NotPlain();
  const text = `${descriptor?.value ?? ''}${operator}${plainWord(node.target)}`;
  if (!/^(2>&1|[12]?>\/dev\/null)$/.test(text)) throw new NotPlain();
  return text;
}

function plainWord({ text, value, parts = [] }: Word): string {
  if (!parts.every(isPlain)) throw new NotPlain();
  // `$[1 + 1]` is arithmetic of old, which the parser takes for letters.
  if (text.includes('$[')) throw new NotPlain();
  // The shell puts a home folder in the place of these, which is not what the quoted word would say.
  if (/^~|[=:]~/.test(text)) throw new NotPlain();
  return value;
}

function isPlain(part: WordPart): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.every(({ type }) => type === 'Literal');
  return part.type === 'Literal' || part.type === 'SingleQuoted';
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

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
  if (line.length > longestLine || invisible.test(line)) return undefined;
  try {
    const { commands, errors = [], shebang } = parse(line);
    if (errors.length > 0 || shebang !== undefined || commands.length === 0) return undefined;
    const found: string[][] = [];
    const text = commands.map((statement) => writeStatement(statement, found)).join('; ');
    return { commands: found, text };
  } catch {
    return undefined; // NotPlain, or a line that the parser fails on
  }
}

/** A longer line is for a person to look at, not for a rule. */
const longestLine = 10_000;

/** No control, format or line separator character but tab and line feed: a person must see in a log what a rule has allowed. */
const invisible = /[^\P{C}\t\n]|[\u2028\u2029]/u;

class NotPlain extends Error {}

/** Adds the commands of a statement to `found` and returns the statement written anew. */
function writeStatement({ command, background }: Statement, found: string[][]): string {
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

function writeCommand(node: { readonly type: string }, found: string[][]): string {
  if (node.type !== 'Command') throw new NotPlain();
  const { name, prefix, suffix } = node as Command;
  if (name === undefined || prefix.length > 0) throw new NotPlain();
  const words = [plainWord(name)];
  const written = [quoted(plainWord(name))];
  for (const item of suffix) {
    if (item.type === 'Word') {
      words.push(plainWord(item));
      written.push(quoted(plainWord(item)));
    } else if (item.type === 'Redirect') {
      written.push(writeRedirection(item));
    } else {
      throw new NotPlain();
    }
  }
  found.push(words);
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

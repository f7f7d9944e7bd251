import { ToolError } from '@throughline/core';
import type { Piece } from './pieces.ts';
import { count, shown } from './trouble.ts';

/** What is looked for. */
export interface Sought {
  readonly text: string;
  readonly regex: boolean;
  readonly ignoreCase: boolean;
}

/** Where a line fits, in the text that is to be shown. */
export interface Fit {
  readonly line: string;
  readonly at: number;
  readonly length: number;
}

/** How files are looked through. */
export interface LineMatcher {
  /** Looks at the pieces of one file in turn; each file has its own. Says where a line fits, once for each line. */
  forFile(): (piece: Piece) => Fit | undefined;
  /** So many characters are looked through by one search, and hardly more. */
  readonly mostCharacters: number;
}

const mostCharacters = 250_000_000;
/** A regular expression sees so much of a line. */
const mostOfLine = 4_000;
/** The states that a regular expression may have: each may cost a step at each character. */
const mostStates = 500;
/** So many steps are made by one search: some 25 seconds at worst. */
const mostSteps = 1_000_000_000;

/** Throws a ToolError for a regular expression that is none, or that would take too long. */
export async function lineMatcher(sought: Sought): Promise<LineMatcher> {
  if (sought.regex) return byPattern(sought);
  return { mostCharacters, forFile: () => byText(sought) };
}

function byText({ text, ignoreCase }: Sought): (piece: Piece) => Fit | undefined {
  const fold = (part: string) => (ignoreCase ? part.toLowerCase() : part);
  const needle = fold(text);
  let told = 0;
  let tail = '';
  return ({ line, column, text }) => {
    // A very long line comes in parts, and the text may lie across two of them.
    const here = column === 1 ? text : tail + text;
    tail = here.slice(-needle.length);
    const at = line === told ? -1 : fold(here).indexOf(needle);
    if (at < 0) return undefined;
    told = line;
    return { line: here, at, length: needle.length };
  };
}

/** The engine needs a time that grows with the text alone, whatever the pattern: a model makes it up, and Node's own could stand still. */
async function byPattern({ text, ignoreCase }: Sought): Promise<LineMatcher> {
  const { RE2JS } = await import('re2js');
  const refuse = (reason: string) =>
    new ToolError(`${shown(text)} is no regular expression that can be searched for: ${reason}.`);
  const compile = () => {
    try {
      return RE2JS.compile(text, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    } catch (error) {
      throw refuse(error instanceof Error ? error.message : String(error));
    }
  };
  const pattern = compile();
  const states = pattern.programSize();
  if (states > mostStates) {
    throw refuse(`it has ${count(states, 'state')}, and may have ${mostStates}; repeat less in it`);
  }
  const forFile = () => (piece: Piece) => {
    if (piece.column > 1) return undefined;
    const line = piece.text.replace(/[\r\n]+$/, '');
    const matcher = pattern.matcher(line.slice(0, mostOfLine));
    if (!matcher.find()) return undefined;
    return { line, at: matcher.start(), length: matcher.end() - matcher.start() };
  };
  return { forFile, mostCharacters: Math.min(mostCharacters, Math.ceil(mostSteps / states)) };
}

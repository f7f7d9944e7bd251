import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { breachOfAnswer } from '../script/check.ts';
import type { Script, ScriptedAnswer } from '../script/scripted-answer.ts';
import { parseJson } from '../wire/json.ts';

/** A script file could not be used; the message is a sentence that names it. */
export class ScriptFileError extends Error {}

/**
 * Reads a script: a `.json` list of answers, or a module whose default export, or whose export `script`, is a list or a
 * function. Rejects with a ScriptFileError.
 */
export async function readScript(path: string): Promise<Script> {
  const value = /^\.[mc]?[jt]s$/.test(extname(path)) ? await load(path) : await read(path);
  if (typeof value === 'function') return value as Script;
  if (!Array.isArray(value)) {
    throw new ScriptFileError(
      `${path} holds no list of answers. Write one, such as [{ "text": "Hello." }].`,
    );
  }
  for (const [index, answer] of value.entries()) {
    const breach = breachOfAnswer(answer);
    if (breach) throw new ScriptFileError(`Answer ${index + 1} of ${path} ${breach}.`);
  }
  return value as readonly ScriptedAnswer[];
}

async function load(path: string): Promise<unknown> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new ScriptFileError(`${path} could not be loaded: ${messageOf(error)}`);
  }
  const { default: main, script } = module as {
    readonly default?: unknown;
    readonly script?: unknown;
  };
  const found = [main, script].find((value) => typeof value === 'function' || Array.isArray(value));
  if (found !== undefined) return found;
  throw new ScriptFileError(
    `${path} exports no script. Export a list of answers or a function, such as: export default ({ messages }) => ({ text: "Hello." });`,
  );
}

async function read(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ScriptFileError(`${path} could not be read: ${messageOf(error)}`);
  }
  const parsed = parseJson(text);
  if (!parsed)
    throw new ScriptFileError(
      `${path} is not valid JSON. A script with code must end in .mjs or .js.`,
    );
  return parsed.value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

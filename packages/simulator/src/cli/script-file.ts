import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { breachOfAnswer } from '../script/check.ts';
import type { Script, ScriptedAnswer } from '../script/scripted-answer.ts';
import { isObject, parseJson } from '../wire/json.ts';

/** A script file could not be used; the message is a sentence that names it. */
export class ScriptFileError extends Error {}

/**
 * Reads a script: a `.json` list of answers, or a module that exports `script`, as a list or as a
 * function. Rejects with a ScriptFileError.
 */
export async function readScript(path: string): Promise<Script> {
  const value = /^\.[mc]?[jt]s$/.test(extname(path)) ? await load(path) : await read(path);
  if (typeof value === 'function') return value as Script;
  if (!Array.isArray(value)) throw new ScriptFileError(`${path} holds no list of answers.`);
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
  if (isObject(module) && 'script' in module) return module['script'];
  throw new ScriptFileError(`${path} does not export "script".`);
}

async function read(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ScriptFileError(`${path} could not be read: ${messageOf(error)}`);
  }
  const parsed = parseJson(text);
  if (!parsed) throw new ScriptFileError(`${path} is no JSON.`);
  return parsed.value;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

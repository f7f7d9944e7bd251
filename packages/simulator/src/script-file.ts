import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject, parseJson } from './json.ts';
import type { Script, ScriptedAnswer } from './script.ts';

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
  for (const [index, answer] of value.entries()) checkAnswer(answer, index, path);
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

const members = [
  'reasoning',
  'text',
  'calls',
  'finishReason',
  'usage',
  'delayMs',
  'pieceDelayMs',
  'callDelayMs',
  'faults',
];

function checkAnswer(answer: unknown, index: number, path: string): void {
  const where = `Answer ${index + 1} of ${path}`;
  if (!isObject(answer)) throw new ScriptFileError(`${where} is no object.`);
  const unknown = Object.keys(answer).find((key) => !members.includes(key));
  if (unknown !== undefined) {
    throw new ScriptFileError(`${where} has an unknown member "${unknown}".`);
  }
  const { calls = [] } = answer;
  const named = (call: unknown): boolean => isObject(call) && typeof call['name'] === 'string';
  if (Array.isArray(calls) && calls.every(named)) return;
  throw new ScriptFileError(`${where} must have calls that are a list, each with a name.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

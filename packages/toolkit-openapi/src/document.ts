import { Lexer, parse } from 'yaml';
import { refusal, shown } from './trouble.ts';

/** A JSON object of a description. Nothing is known of what stands in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A description that says of itself that it is OpenAPI. */
export interface Description {
  readonly root: JsonObject;
  readonly isSwagger: boolean;
}

/** The largest public descriptions have 10 to 40 million characters. */
const mostCharacters = 50_000_000;

/** Reads a description: an object, or its text as JSON or YAML. Throws `invalid_option` for what is no OpenAPI 2.0 or 3.x. */
export function readDescription(document: unknown): Description {
  const root = typeof document === 'string' ? parsed(document) : document;
  if (!isObject(root)) {
    throw refusal('the document is not an object. Pass the description itself, or its text.');
  }
  const version = root['openapi'] ?? root['swagger'];
  if (String(root['swagger']) === '2.0' || root['swagger'] === 2) return { root, isSwagger: true };
  if (typeof version === 'string' && /^3[.][0-2]([.]|$)/.test(version)) {
    return { root, isSwagger: false };
  }
  const found = version === undefined ? 'names no version' : `is of version ${shown(version)}`;
  throw refusal(`the document ${found}; "swagger": "2.0" and "openapi": 3.0, 3.1, 3.2 are known.`);
}

function parsed(text: string): unknown {
  if (text.length > mostCharacters) {
    throw refusal(
      `the document has ${text.length} characters; at most ${mostCharacters} are read.`,
    );
  }
  if (/^\s*(https?|file):\S*\s*$/.test(text)) {
    throw refusal(
      `${shown(text)} is an address. Fetch the description yourself, and pass its text.`,
    );
  }
  try {
    // Nine of ten large descriptions are JSON, for which JSON.parse is a hundred times faster.
    return /^\uFEFF?\s*\{/.test(text) ? json(text) : yaml(text);
  } catch (error) {
    const why =
      error instanceof Error ? error.message.split('\n', 1)[0] : 'it is nested too deeply';
    throw refusal(`the document is neither JSON nor YAML: ${why}`);
  }
}

/** YAML in braces looks like JSON, so what is no JSON is read as YAML too. */
function json(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return yaml(text);
  }
}

/** No description is nested so deeply. */
const deepest = 200;

/**
 * The library calls itself for each level, and V8 ends the whole process where a regular expression is compiled with the stack
 * nearly used up: so levels are counted first. A level of a block needs a column of its own.
 */
function yaml(text: string): unknown {
  const tooDeep = () => new Error(`it is nested deeper than ${deepest} levels`);
  if (new RegExp(`^[ \\t?:-]{${deepest * 4}}`, 'm').test(text)) throw tooDeep();
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > deepest) throw tooDeep();
  }
  // No tags of its own, and few aliases: a text of a few lines must not grow to gigabytes.
  return parse(text, { schema: 'core', maxAliasCount: 100, logLevel: 'error' });
}

const mostHops = 20;

/** What a node is once its references are followed. Throws for a reference out of the document, or to nothing. */
export function follow(root: JsonObject, node: unknown): unknown {
  let at = node;
  for (let hops = 0; isObject(at) && typeof at['$ref'] === 'string'; hops++) {
    if (hops > mostHops) throw refusal(`the reference ${shown(at['$ref'])} leads in a circle.`);
    at = lookUp(root, at['$ref']);
  }
  return at;
}

/** What a local reference points at. Never opens a file or an address. */
export function lookUp(root: JsonObject, ref: string): unknown {
  if (!ref.startsWith('#')) {
    throw refusal(`the reference ${shown(ref)} leads out of the document, and is not followed.`);
  }
  let node: unknown = root;
  for (const step of ref.slice(1).split('/').slice(1)) {
    const key = unescape(step);
    const has = typeof node === 'object' && node !== null && Object.hasOwn(node, key);
    node = has ? (node as JsonObject)[key] : undefined;
  }
  if (node === undefined || !/^#([/]|$)/.test(ref)) {
    throw refusal(`the reference ${shown(ref)} leads nowhere.`);
  }
  return node;
}

function unescape(step: string): string {
  if (!/[~%]/.test(step)) return step;
  const plain = (text: string) => text.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return plain(decodeURIComponent(step));
  } catch {
    return plain(step);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a member; undefined where there is none. */
export function textOf(node: JsonObject, key: string): string | undefined {
  const value = node[key];
  return typeof value === 'string' ? value : undefined;
}

/** The items of a list; none where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

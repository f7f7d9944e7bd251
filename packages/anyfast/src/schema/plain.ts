import type { JsonSchema } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** A plain schema lies no deeper than this; one that holds itself lies deeper than anything. */
const deepest = 8;
/** A longer one may be beyond the endpoint's limits, which the compiler knows. */
const longest = 20_000;

/**
 * The schema as the compiler would return it (`full.ts`), where it says nothing that needs one: objects, lists, texts,
 * numbers and flags, with descriptions. Undefined for every other. Most tools have such a schema, and need no compiler.
 */
export function asPlain(schema: JsonSchema): JsonSchema | undefined {
  if (!isObject(schema)) return undefined;
  const { $schema: _, ...root } = schema;
  if (root['type'] !== 'object' || !isObject(root['properties'])) return undefined;
  if (!isPlain(root, deepest) || JSON.stringify(root).length > longest) return undefined;
  return root;
}

const keywords: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items'],
  string: ['enum'],
  number: [],
  integer: [],
  boolean: [],
};

function isPlain(node: unknown, levels: number): boolean {
  if (!isObject(node) || levels === 0) return false;
  const { type, description, ...rest } = node;
  const own =
    typeof type === 'string' && Object.hasOwn(keywords, type) ? keywords[type] : undefined;
  if (own === undefined || !Object.keys(rest).every((key) => own.includes(key))) return false;
  if ('description' in node && !isSaid(description)) return false;
  if ('enum' in rest) return isNames(rest['enum']);
  if ('items' in rest) return isPlain(rest['items'], levels - 1);
  return type !== 'object' || isPlainObject(rest, levels);
}

/** Names that stand for something else at the endpoint; see `type.ts`. */
const reserved = ['$defs', '$ref', 'anyOf', 'required', 'additionalProperties'];

function isPlainObject(node: JsonObject, levels: number): boolean {
  const { properties, required, additionalProperties } = node;
  if (!isObject(properties)) return false;
  const names = Object.keys(properties);
  // Only the root may have none, and is looked at with all levels left.
  if (names.length === 0 && levels < deepest) return false;
  if (names.some((name) => reserved.includes(name))) return false;
  if ('additionalProperties' in node && additionalProperties !== false) return false;
  if ('required' in node && !isNames(required, names)) return false;
  return Object.values(properties).every((one) => isPlain(one, levels - 1));
}

/** The endpoint's limits for long enums are the compiler's to know. */
const mostNames = 100;

/** Some different texts, all of them `among` those given. */
function isNames(value: unknown, among?: readonly string[]): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostNames) return false;
  if (new Set(value).size < value.length) return false;
  return value.every((one) => typeof one === 'string' && (among?.includes(one) ?? true));
}

function isSaid(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text === text.trim();
}

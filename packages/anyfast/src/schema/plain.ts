import type { JsonSchema } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { compileNumber, counts } from './bounds.ts';
import type { BoundScope } from './bounds.ts';
import type { CompiledSchema } from './full.ts';
import { describe, notesOf } from './note.ts';
import type { SchemaLoss } from './note.ts';

/** A plain schema lies no deeper than this; one that holds itself lies deeper than anything. */
const deepest = 8;
/** A longer one may be beyond the endpoint's limits, which the compiler knows. */
const longest = 20_000;

/**
 * What the compiler (`full.ts`) makes of a schema that needs little of it: objects, lists, texts, numbers and flags, with descriptions,
 * bounds and defaults. Undefined for every other. Most tools have such a schema, and need no compiler.
 */
export function asPlain(schema: JsonSchema): CompiledSchema | undefined {
  if (!isObject(schema)) return undefined;
  const { $schema: _, ...root } = schema;
  if (root['type'] !== 'object' || !isObject(root['properties'])) return undefined;
  if (!isPlain(root, deepest) || JSON.stringify(root).length > longest) return undefined;
  const losses: SchemaLoss[] = [];
  return { schema: compiled(root, '', losses), losses };
}

const keywords: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['enum', 'minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
};

function isPlain(node: unknown, levels: number): boolean {
  if (!isObject(node) || levels === 0) return false;
  const { type, description, default: _, ...rest } = node;
  const own =
    typeof type === 'string' && Object.hasOwn(keywords, type) ? keywords[type] : undefined;
  if (own === undefined || !Object.keys(rest).every((key) => own.includes(key))) return false;
  if ('description' in node && !isSaid(description)) return false;
  if ('enum' in rest) return isNames(rest['enum']) && Object.keys(rest).length === 1;
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

const nothing: ReadonlySet<string> = new Set();

/** A plain node as the endpoint takes it; `path` is its place in words, empty for the root. */
function compiled(node: JsonObject, path: string, losses: SchemaLoss[]): JsonObject {
  const lose = (lost: string) => void losses.push({ path: path === '' ? 'root' : path, lost });
  const notes = 'default' in node ? [...notesOf({ default: node['default'] }, nothing)] : [];
  for (const note of notes) lose(note);
  const at = (child: unknown, key: string) =>
    compiled(child as JsonObject, path === '' ? key : `${path}.${key}`, losses);
  const said = compiledType(node, at, { lose, note: (text) => void notes.push(text) });
  const told = describe(node['description'], notes);
  return told === undefined ? said : { ...said, description: told };
}

function compiledType(
  node: JsonObject,
  at: (child: unknown, key: string) => JsonObject,
  scope: BoundScope,
): JsonObject {
  const { type, properties, required, additionalProperties, items, enum: names } = node;
  switch (type) {
    case 'object': {
      const told = Object.entries(isObject(properties) ? properties : {}).map(
        ([name, child]) => [name, at(child, `properties.${name}`)] as const,
      );
      return {
        type,
        properties: Object.fromEntries(told),
        ...(required === undefined ? {} : { required }),
        ...(additionalProperties === undefined ? {} : { additionalProperties }),
      };
    }
    case 'array': {
      const bounds = counts(node, 'minItems', 'maxItems');
      return { type, ...(items === undefined ? {} : { items: at(items, 'items') }), ...bounds };
    }
    case 'string':
      return names === undefined
        ? { type, ...counts(node, 'minLength', 'maxLength') }
        : { type, enum: names };
    case 'number':
    case 'integer':
      return compileNumber(type, node, scope);
    default:
      return { type };
  }
}

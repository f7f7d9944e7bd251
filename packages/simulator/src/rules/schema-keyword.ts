import { isObject, type JsonObject } from '../wire/json.ts';
import type { SchemaScope } from './schema-rule.ts';

/** A breach by one keyword: printed with the keyword's own path, or with its subschema's. */
export interface KeywordBreach {
  readonly of: 'keyword' | 'subschema';
  readonly reason: string;
}

const reserved = ['$defs', '$ref', 'anyOf', 'required', 'additionalProperties'];

/** Checks the value of one keyword of a schema. Keywords without a rule are let through. */
export function checkKeyword(
  keyword: string,
  schema: JsonObject,
  scope: SchemaScope,
): KeywordBreach | undefined {
  const value = schema[keyword];
  switch (keyword) {
    case '$defs':
      return checkDefinitions(value);
    case '$id':
      return mustBe(value === null || typeof value === 'string', '$id must be a string');
    case '$ref':
      return checkReference(value, scope);
    case 'additionalProperties':
      return mustBe(
        typeof value === 'boolean' || isObject(value),
        'additionalProperties must be a boolean or an object',
      );
    case 'anyOf':
      return checkAnyOf(value, scope.limits.anyOf);
    case 'description':
      return mustBe(typeof value === 'string', 'description must be a string');
    case 'enum':
      return checkEnum(value, schema, scope);
    case 'items':
      return mustBe(isObject(value), 'items must be an object');
    case 'pattern':
      return mustBe(value === null || typeof value === 'string', 'pattern must be a string');
    case 'properties':
      return checkProperties(value);
    case 'required':
      return checkRequired(value, schema);
    case 'type':
      if (typeof value === 'string' || Array.isArray(value)) return undefined;
      return { of: 'subschema', reason: 'type must be string or array of strings' };
    default:
      return undefined;
  }
}

function mustBe(right: boolean, reason: string): KeywordBreach | undefined {
  return right ? undefined : { of: 'keyword', reason };
}

function broken(reason: string): KeywordBreach {
  return { of: 'keyword', reason };
}

function checkDefinitions(value: unknown): KeywordBreach | undefined {
  if (!isObject(value)) return broken('$defs must be an object');
  for (const name of Object.keys(value)) {
    if (name === '') return broken('$defs property name cannot be empty');
  }
  const slashed = findSlash(value);
  if (slashed === undefined) return undefined;
  return broken(`$defs property name '${slashed}' cannot contain '/' character`);
}

function findSlash(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = isObject(item) ? findSlash(item) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const [key, child] of Object.entries(value)) {
    if (key.includes('/')) return key;
    const found = findSlash(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkReference(value: unknown, scope: SchemaScope): KeywordBreach | undefined {
  if (typeof value !== 'string') return broken('$ref must be a string');
  if (value === '#') {
    scope.references.add(value);
    return undefined;
  }
  const prefix = '#/$defs/';
  if (!value.startsWith(prefix)) return broken(`references must start with ${prefix}`);
  if (value === prefix) return broken('definition name cannot be empty');
  if (!('$defs' in scope.root)) return broken(`$defs not found for reference: ${value}`);
  scope.references.add(value);
  return undefined;
}

function checkAnyOf(value: unknown, limit: number): KeywordBreach | undefined {
  if (!Array.isArray(value)) return broken('anyOf must be an array');
  if (value.length === 0 || value.length > limit) {
    return broken(`anyOf must have 1-${limit} items`);
  }
  return mustBe(value.every(isObject), 'schema in anyOf must be an object');
}

function checkProperties(value: unknown): KeywordBreach | undefined {
  if (!isObject(value)) return broken('properties must be an object');
  for (const [name, property] of Object.entries(value)) {
    if (reserved.includes(name)) {
      return broken(`property name '${name}' is reserved for JSON Schema keywords`);
    }
    if (!isObject(property)) return broken(`property schema for '${name}' must be an object`);
  }
  return undefined;
}

function checkRequired(value: unknown, schema: JsonObject): KeywordBreach | undefined {
  if (!Array.isArray(value)) return broken('required must be an array');
  if (!value.every((name) => typeof name === 'string')) {
    return broken('items in required array must be strings');
  }
  const { properties } = schema;
  const missing = value.find((name) => !isObject(properties) || !Object.hasOwn(properties, name));
  if (missing === undefined) return undefined;
  return broken(`required property '${missing}' is not defined in properties`);
}

function checkEnum(
  value: unknown,
  schema: JsonObject,
  { limits }: SchemaScope,
): KeywordBreach | undefined {
  if (!Array.isArray(value)) return broken('enum must be an array');
  if (value.length === 0) return broken('enum array cannot be empty');
  if (value.length > limits.enumItems) {
    return broken(`enum array cannot have more than ${limits.enumItems} items`);
  }
  if (!('type' in schema)) return { of: 'subschema', reason: 'type is not defined' };
  const types: readonly unknown[] = Array.isArray(schema['type'])
    ? schema['type']
    : [schema['type']];
  if (types.length > 2 || (types.length === 2 && !types.includes('null'))) {
    const reason =
      'when type is array and enum is specified, currently only 2 types are supported, one must be null, and the other can be string/integer/number/boolean';
    return { of: 'subschema', reason };
  }
  for (const item of value) {
    const reason = mismatch(item, types);
    if (reason) return broken(reason);
  }
  return checkEnumLength(value, types, limits);
}

/** The validator gives up at a number type before it looks at the types after it. */
function mismatch(item: unknown, types: readonly unknown[]): string | undefined {
  for (const type of types) {
    if (type === 'number' || type === 'integer') {
      const right = type === 'number' ? typeof item === 'number' : Number.isInteger(item);
      return right ? undefined : `not a valid ${type}`;
    }
    if (isOfType(item, type)) return undefined;
  }
  const printed = typeof item === 'object' ? JSON.stringify(item) : String(item);
  return `enum value (${item === null ? '<nil>' : printed}) does not match any type in [${types.join(' ')}]`;
}

function isOfType(item: unknown, type: unknown): boolean {
  if (type === 'null') return item === null;
  if (type === 'array') return Array.isArray(item);
  if (type === 'object') return isObject(item);
  return typeof item === type;
}

function checkEnumLength(
  items: readonly unknown[],
  types: readonly unknown[],
  limits: SchemaScope['limits'],
): KeywordBreach | undefined {
  const { enumCharacters: most, enumCharactersAbove: above } = limits;
  const counted = ['string', 'number', 'integer'].some((type) => types.includes(type));
  if (!counted || items.length <= above) return undefined;
  let total = 0;
  for (const item of items) {
    if (item !== null) total += Buffer.byteLength(String(item));
  }
  if (total <= most) return undefined;
  return broken(
    `total string length of enum values (${total}) exceeds maximum limit of ${most} characters when enum has more than ${above} values`,
  );
}

import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { compileNumber, counts } from './bounds.ts';
import type { BoundScope } from './bounds.ts';
import { anything, isAnything, unite } from './union.ts';

/** How subschemas are compiled, and what is lost on the way. */
export interface TypeScope extends BoundScope {
  /** Inside a shared definition the validator also refuses names with a slash. */
  readonly inDefinition: boolean;
  /** Compiles what stands under a key of this subschema; undefined where no value is allowed. */
  compile(node: unknown, key: string, level: number): JsonObject | undefined;
}

/** The keywords of each type that Moonshot's flavour can say, or that are compiled into others. */
export const keywordsOf: Readonly<Record<string, readonly string[]>> = {
  object: [
    'properties',
    'required',
    'additionalProperties',
    'unevaluatedProperties',
    'patternProperties',
    'propertyNames',
  ],
  array: ['items', 'prefixItems', 'additionalItems', 'unevaluatedItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  boolean: [],
  null: [],
};

/** A flat subschema of one type. */
export function compileType(type: string, node: JsonObject, scope: TypeScope): JsonObject {
  switch (type) {
    case 'object':
      return compileObject(node, scope);
    case 'array':
      return compileArray(node, scope);
    case 'string':
      return { type, ...counts(node, 'minLength', 'maxLength') };
    case 'number':
    case 'integer':
      return compileNumber(type, node, scope);
    default:
      return { type };
  }
}

/** Names that Moonshot's validator keeps for itself. */
const reserved = new Set(['$defs', '$ref', 'anyOf', 'required', 'additionalProperties']);

function compileObject(node: JsonObject, scope: TypeScope): JsonObject {
  const properties: Record<string, JsonObject> = {};
  let open = false;
  const named = namedKeys(node, scope);
  for (const [name, schema] of Object.entries(namedProperties(node, named))) {
    const compiled = scope.compile(schema, `properties.${name}`, 1);
    if (compiled === undefined) continue;
    if (!isRefused(name, scope)) setOwn(properties, name, compiled);
    else {
      open = true;
      scope.lose(`the property "${name}", whose name the endpoint refuses`);
      scope.note(`it also takes a property "${name}"`);
    }
  }
  const rest = named === undefined ? compileRest(node, scope) : false;
  const required = new Set(list(node['required']).filter((name) => typeof name === 'string'));
  for (const name of required) {
    if (isRefused(name, scope)) {
      required.delete(name);
      if (!open) scope.lose(`required: "${name}", whose name the endpoint refuses`);
      open = true;
    } else if (!Object.hasOwn(properties, name)) {
      setOwn(properties, name, isObject(rest) ? rest : anything(undefined));
    }
  }
  return {
    type: 'object',
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.size === 0 ? {} : { required: [...required] }),
    ...(rest === undefined || open ? {} : { additionalProperties: rest }),
  };
}

function isRefused(name: string, { inDefinition }: TypeScope): boolean {
  return reserved.has(name) || (inDefinition && name.includes('/'));
}

/** The only keys a record may have, when it names them. */
function namedKeys(node: JsonObject, scope: TypeScope): readonly string[] | undefined {
  const { propertyNames: names } = node;
  if (!isObject(names)) return undefined;
  const { type, enum: keys, ...more } = names;
  if (Array.isArray(keys)) return keys.filter((key) => typeof key === 'string');
  if (type === 'string' && Object.keys(more).length === 0) return undefined;
  const told = `propertyNames: ${JSON.stringify(names).slice(0, 160)}`;
  scope.lose(told);
  scope.note(told);
  return undefined;
}

function namedProperties(node: JsonObject, names: readonly string[] | undefined): JsonObject {
  const own = isObject(node['properties']) ? node['properties'] : {};
  if (names === undefined) return own;
  // Which of the names a pattern fits is not found out: each may have any value then.
  const rest = isObject(node['patternProperties']) ? true : (node['additionalProperties'] ?? true);
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(own, name) ? own[name] : rest]),
  );
}

/** What other properties may be: `false` for none, undefined for anything. */
function compileRest(node: JsonObject, scope: TypeScope): JsonObject | false | undefined {
  const { patternProperties } = node;
  const rest = node['additionalProperties'] ?? unevaluated(node, scope);
  if (!isObject(patternProperties) || Object.keys(patternProperties).length === 0) {
    if (rest === false) return false;
    const compiled = isObject(rest) ? scope.compile(rest, 'additionalProperties', 0) : undefined;
    return compiled === undefined || isAnything(compiled) ? undefined : compiled;
  }
  scope.lose(`patternProperties: which names go with which values`);
  scope.note(`names of further properties match ${Object.keys(patternProperties).join(' or ')}`);
  // A name that no pattern fits may have any value, unless the schema says what else there may be.
  if (rest !== false && !isObject(rest)) return undefined;
  const kinds = [...Object.values(patternProperties), ...(isObject(rest) ? [rest] : [])];
  const compiled = kinds.flatMap<JsonObject>(
    (kind) => scope.compile(kind, 'additionalProperties', 0) ?? [],
  );
  const united = compiled.length === 0 ? undefined : unite(compiled);
  return united === undefined || isAnything(united) ? undefined : united;
}

/** Keywords whose properties count as evaluated, and that are told in words only. */
const conditional = ['if', 'then', 'else', 'dependentSchemas', 'dependencies', 'not'];

function unevaluated(node: JsonObject, scope: TypeScope): unknown {
  const rest = node['unevaluatedProperties'];
  if (rest === undefined || !conditional.some((key) => key in node)) return rest;
  scope.lose('unevaluatedProperties: which other properties there may be');
  return undefined;
}

function compileArray(node: JsonObject, scope: TypeScope): JsonObject {
  const { prefixItems, items, additionalItems } = node;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  const rest = Array.isArray(items) ? additionalItems : items;
  const bounds = counts(node, 'minItems', 'maxItems');
  if (tuple === undefined || tuple.length === 0) {
    const of = rest === undefined ? undefined : scope.compile(rest, 'items', 0);
    if (rest !== undefined && of === undefined) return { type: 'array', ...bounds, maxItems: 0 };
    return { type: 'array', ...(of === undefined ? {} : { items: of }), ...bounds };
  }
  // Without a word on further items there may be any.
  const isOpen = rest === true || (rest === undefined && node['unevaluatedItems'] !== false);
  const kinds = tuple.flatMap<JsonObject>((one: unknown) => scope.compile(one, 'items', 0) ?? []);
  const more = isObject(rest) ? scope.compile(rest, 'items', 0) : undefined;
  if (kinds.length === 0 && more === undefined) return { type: 'array', ...bounds, maxItems: 0 };
  if (isOpen) {
    scope.lose('the order of its items');
    scope.note(`its first items in order: ${kinds.map(kindOf).join(', ')}`);
    return { type: 'array', ...bounds };
  }
  const united = unite([...kinds, ...(more === undefined ? [] : [more])]);
  if (united['anyOf'] !== undefined || Array.isArray(united['type'])) {
    scope.lose(`the order of its items`);
    scope.note(`its items in order: ${kinds.map(kindOf).join(', ')}`);
  }
  const most = isObject(rest) ? {} : { maxItems: tuple.length };
  return { type: 'array', items: united, ...most, ...bounds };
}

function kindOf({ type, enum: values, description }: JsonObject): string {
  const kind = Array.isArray(values) ? values.join('|') : String(type ?? 'value');
  if (typeof description !== 'string') return kind;
  return description.startsWith('(') ? `${kind} ${description}` : `${kind} (${description})`;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A property called `__proto__` is a property like any other. */
function setOwn(target: Record<string, JsonObject>, name: string, value: JsonObject): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

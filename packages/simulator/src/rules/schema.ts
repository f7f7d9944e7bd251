import { isObject, type JsonObject } from '../wire/json.ts';
import { checkKeyword } from './schema-keyword.ts';
import { checkReferences, definitionDepths } from './schema-reference.ts';
import {
  printPath,
  serverLimits,
  type SchemaBreach,
  type SchemaLimits,
  type SchemaScope,
} from './schema-rule.ts';

/**
 * Checks a JSON Schema by the rules of Moonshot's validator at its strict level; the first breach,
 * or undefined if the schema is accepted. `{}` is accepted. It never throws on JSON.
 */
export function checkSchema(
  schema: unknown,
  limits: SchemaLimits = serverLimits,
): SchemaBreach | undefined {
  if (!isObject(schema)) return { path: 'root', reason: 'schema must be a dict' };
  if (Buffer.byteLength(JSON.stringify(schema)) > limits.bytes) {
    return { path: 'root', reason: 'schema exceeds maximum allowed size' };
  }
  const walk = new Walk(schema, limits);
  return walk.check(schema, [], 0) ?? checkReferences(schema, walk.scope.references);
}

/** Checks the parameters of a tool: an object at the root, then all rules of `checkSchema`. */
export function checkParameters(schema: unknown): SchemaBreach | undefined {
  if (!isObject(schema)) return { path: 'root', reason: 'schema must be a dict' };
  const breach = checkSchema(schema);
  if (breach || schema['type'] === 'object') return breach;
  return { path: 'root', reason: 'type of the root must be object' };
}

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

class Walk {
  readonly scope: SchemaScope;
  readonly #depths: ReadonlyMap<string, number>;
  #properties = 0;

  constructor(root: JsonObject, limits: SchemaLimits) {
    this.scope = { root, limits, references: new Set() };
    this.#depths = definitionDepths(root);
  }

  check(schema: JsonObject, path: readonly string[], depth: number): SchemaBreach | undefined {
    const limit = this.scope.limits.depth;
    const deepest = depth + (this.#depths.get(String(schema['$ref'])) ?? 0);
    if (depth > limit || deepest > limit) {
      const where = depth > limit ? path : [];
      const reason = `schema depth exceeds maximum limit of ${limit}`;
      return { path: printPath(where), reason };
    }
    return (
      this.#definitions(schema, path, depth) ??
      checkTypeAlone(schema, path) ??
      checkTypes(schema, path) ??
      this.#keywords(schema, path) ??
      checkConflicts(schema, path) ??
      this.#children(schema, path, depth)
    );
  }

  #definitions(
    schema: JsonObject,
    path: readonly string[],
    depth: number,
  ): SchemaBreach | undefined {
    const definitions = schema['$defs'];
    if (!isObject(definitions)) return undefined;
    for (const name of Object.keys(definitions).sort()) {
      const definition = definitions[name];
      const where = [...path, '$defs'];
      if (!isObject(definition)) {
        return { path: printPath(where), reason: '$defs schema must be object' };
      }
      const breach = this.check(definition, [...where, name], depth);
      if (breach) return breach;
    }
    return undefined;
  }

  #keywords(schema: JsonObject, path: readonly string[]): SchemaBreach | undefined {
    for (const keyword of Object.keys(schema).sort()) {
      const found = checkKeyword(keyword, schema, this.scope);
      if (!found) continue;
      const where = found.of === 'subschema' ? path : [...path, keyword];
      return { path: printPath(where), reason: found.reason };
    }
    return undefined;
  }

  #children(schema: JsonObject, path: readonly string[], depth: number): SchemaBreach | undefined {
    const { properties, items, additionalProperties, anyOf } = schema;
    if (isObject(properties)) {
      this.#properties += Object.keys(properties).length;
      const limit = this.scope.limits.properties;
      if (this.#properties > limit) {
        const reason = `total number of properties keys(${this.#properties}) across all objects exceeds maximum limit of ${limit}`;
        return { path: printPath(path), reason };
      }
      for (const [name, property] of Object.entries(properties)) {
        if (!isObject(property)) continue;
        const breach = this.check(property, [...path, 'properties', name], depth + 1);
        if (breach) return breach;
      }
    }
    for (const [key, child] of Object.entries({ items, additionalProperties })) {
      const breach = isObject(child) && this.check(child, [...path, key], depth);
      if (breach) return breach;
    }
    for (const branch of Array.isArray(anyOf) ? anyOf : []) {
      const breach = isObject(branch) && this.check(branch, [...path, 'anyOf'], depth);
      if (breach) return breach;
    }
    return undefined;
  }
}

function checkTypeAlone(schema: JsonObject, path: readonly string[]): SchemaBreach | undefined {
  if (!('type' in schema)) return undefined;
  const at = (reason: string): SchemaBreach => ({ path: printPath(path), reason });
  if ('anyOf' in schema) {
    return at(
      'when using anyOf, type should be defined in anyOf items instead of the parent schema',
    );
  }
  if ('$ref' in schema) {
    return at(
      'when using $ref, type should be defined in the referenced schema instead of the parent schema',
    );
  }
  const { type } = schema;
  if (!Array.isArray(type) || type.length < 2 || !('enum' in schema)) return undefined;
  const composite = type.find((name) => name === 'object' || name === 'array');
  return composite && at(`type ${composite} is not allowed in combination with enum`);
}

function checkTypes(schema: JsonObject, path: readonly string[]): SchemaBreach | undefined {
  const { type } = schema;
  const at = (reason: string): SchemaBreach => ({ path: printPath(path), reason });
  if (typeof type === 'string') return types.includes(type) ? undefined : at('invalid type');
  if (!Array.isArray(type)) return undefined;
  if (!type.every((name) => types.includes(name))) return at('invalid type in type array');
  if (type.length === 0) return at('type array cannot be empty');
  if (type.length === 1 || (type.length === 2 && 'enum' in schema)) return undefined;
  const allowed = ['type', 'description', 'title', ...(path.length === 0 ? ['$defs', '$id'] : [])];
  const other = Object.keys(schema).find((keyword) => !allowed.includes(keyword));
  if (other === undefined) return undefined;
  return at(`keyword ${other} is not allowed in combination with multiple types`);
}

function checkConflicts(schema: JsonObject, path: readonly string[]): SchemaBreach | undefined {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return undefined;
  const free = ['anyOf', 'description', 'title'];
  const outer = Object.keys(schema).filter((keyword) => !free.includes(keyword));
  for (const branch of anyOf.filter(isObject)) {
    const both = outer.filter((keyword) => keyword in branch);
    if (both.length === 0) continue;
    const reason = `conflicting keywords found in anyOf with parent: keywords (${both.join(', ')}) are defined on the parent schema and inside anyOf; remove them from the parent or from anyOf branches`;
    return { path: printPath(path), reason };
  }
  return undefined;
}

import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { describe } from './note.ts';
import { described, isAnything, unite } from './union.ts';

/**
 * The root as the one object the endpoint wants. A union of objects becomes an object with the properties of
 * all, required where all require them; which go together is told in the description. Undefined when an
 * alternative is no object.
 */
export function mergeRoot(
  node: JsonObject,
  defOf: (ref: string) => JsonObject | undefined,
  lose: (lost: string) => void,
): JsonObject | undefined {
  if (isAnything(node)) return { type: 'object', properties: {} };
  if (node['type'] === 'object') return { properties: {}, ...node };
  const branches = alternatives(node, defOf).filter(({ type }) => type !== 'null');
  if (branches.length === 0 || branches.some(({ type }) => type !== 'object')) return undefined;
  const [only] = branches;
  if (branches.length === 1 && only !== undefined) return { properties: {}, ...only };
  lose('anyOf: which properties go together');
  for (const name of narrowed(branches)) {
    lose(`narrower: "${name}" in the alternatives that do not name it, where it may be anything`);
  }
  const properties = mergedProperties(branches);
  const required = commonRequired(branches);
  const closed = branches.every((branch) => branch['additionalProperties'] === false);
  const shapes = branches.map(shapeOf).join(' or ');
  const merged = {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(closed ? { additionalProperties: false } : {}),
  };
  return described(merged, describe(node['description'], [`either ${shapes}`]));
}

function alternatives(
  node: JsonObject,
  defOf: (ref: string) => JsonObject | undefined,
): readonly JsonObject[] {
  const { anyOf, $ref: ref } = node;
  if (typeof ref === 'string') {
    const target = defOf(ref);
    return target === undefined || target['$ref'] !== undefined ? [] : alternatives(target, defOf);
  }
  if (Array.isArray(anyOf)) return anyOf.flatMap((one) => alternatives(one, defOf));
  return [node];
}

function mergedProperties(branches: readonly JsonObject[]): JsonObject {
  const kinds = new Map<string, JsonObject[]>();
  for (const { properties } of branches) {
    for (const [name, schema] of Object.entries(isObject(properties) ? properties : {})) {
      if (isObject(schema)) kinds.set(name, [...(kinds.get(name) ?? []), schema]);
    }
  }
  return Object.fromEntries([...kinds].map(([name, schemas]) => [name, unite(schemas)]));
}

/** The properties that one alternative says something of, and another one allows without a word. */
function narrowed(branches: readonly JsonObject[]): readonly string[] {
  const silent = (name: string) => (branch: JsonObject) =>
    branch['additionalProperties'] !== false &&
    !(isObject(branch['properties']) && Object.hasOwn(branch['properties'], name));
  const names = Object.entries(mergedProperties(branches)).flatMap(([name, schema]) =>
    isObject(schema) && isAnything(schema) ? [] : [name],
  );
  return names.filter((name) => branches.some(silent(name)));
}

function commonRequired(branches: readonly JsonObject[]): readonly unknown[] {
  const [first, ...rest] = branches.map(requiredOf);
  return (first ?? []).filter((name) => rest.every((names) => names.includes(name)));
}

function requiredOf({ required }: JsonObject): readonly unknown[] {
  return Array.isArray(required) ? required : [];
}

/** `{type: "circle", radius}`: the properties of one alternative, those with one value with it. */
function shapeOf(branch: JsonObject): string {
  const { properties } = branch;
  const names = Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => {
    const values = isObject(schema) ? schema['enum'] : undefined;
    const optional = requiredOf(branch).includes(name) ? '' : '?';
    if (!Array.isArray(values) || values.length !== 1) return `${name}${optional}`;
    return `${name}${optional}: ${JSON.stringify(values[0])}`;
  });
  return `{${names.join(', ')}}`;
}

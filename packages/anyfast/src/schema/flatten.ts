import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { mergeSchemas } from './merge.ts';
import { notesOf } from './note.ts';
import { refOf } from './reference.ts';
import type { References } from './reference.ts';

/** Where flattening finds references and names what is lost. */
export interface FlattenScope {
  readonly references: References;
  /** References of which one level has been copied above this place: copying another would never end. */
  readonly copied: ReadonlySet<string>;
  lose(lost: string): void;
  /** One level of this reference is copied at this place. */
  copy(pointer: string): void;
}

/**
 * A subschema without `allOf`, `oneOf`, `const`, `nullable` and references: all that applies at its place, in
 * one object, with at most one `anyOf`. A reference that must stay comes back as `{ $ref: pointer }`.
 */
export function flatten(
  node: unknown,
  scope: FlattenScope,
  open: ReadonlySet<string> = new Set(),
): JsonObject | boolean {
  if (typeof node === 'boolean') return node;
  if (!isObject(node)) {
    scope.lose(`${JSON.stringify(node) ?? String(node)}, which is not a schema`);
    return true;
  }
  const layers = layersOf(node, scope, open);
  if (layers.includes(false)) return false;
  const real = layers.filter((layer) => layer !== true).filter(isObject);
  const asserting = real.filter(asserts);
  const annotations = real.map(({ description }) => ({ description }));
  const description = annotations.find((one) => one.description !== undefined)?.description;
  const told = description === undefined ? {} : { description };
  const [only] = asserting;
  if (asserting.length <= 1) return { ...only, ...told };
  const again = asserting.find(({ $ref: ref }) => typeof ref === 'string' && scope.copied.has(ref));
  if (again !== undefined) {
    scope.lose('what is asked beside a reference of a schema to itself');
    return { ...again, ...told };
  }
  const merged = asserting.map((layer) => unrolled(layer, scope, open)).reduce(mergeSchemas);
  return { ...merged, ...told };
}

/** What applies at the place, one schema each; `false` allows nothing. */
function layersOf(
  node: JsonObject,
  scope: FlattenScope,
  open: ReadonlySet<string>,
): readonly (JsonObject | boolean)[] {
  const { allOf, oneOf, nullable, const: constant, ...rest } = node;
  const { $ref: _r, $recursiveRef: _s, ...own } = rest;
  const layers: (JsonObject | boolean)[] = [own];
  if (isAll(own['not'])) layers.push(false);
  if (constant !== undefined) layers.push({ enum: [constant] });
  if (Array.isArray(oneOf)) {
    if (!excludeEachOther(oneOf)) scope.lose('oneOf: that only one of them fits');
    layers.push({ anyOf: oneOf });
  }
  const ref = refOf(node);
  if (ref !== undefined) layers.push(followed(ref, scope, open));
  if (Array.isArray(allOf)) for (const one of allOf) layers.push(flatten(one, scope, open));
  if (nullable !== true) return layers;
  return [{ anyOf: [{ allOf: layers }, { type: 'null' }], description: node['description'] }];
}

/** `not` of everything allows nothing: this is how zod writes `never`. */
function isAll(schema: unknown): boolean {
  return schema === true || (isObject(schema) && Object.keys(schema).length === 0);
}

function followed(
  ref: string,
  scope: FlattenScope,
  open: ReadonlySet<string>,
): JsonObject | boolean {
  const pointer = scope.references.pointerOf(ref);
  if (pointer === undefined || open.has(pointer)) {
    scope.lose(`$ref: ${ref}, which names no part of the schema`);
    return true;
  }
  if (scope.references.mustStay(pointer)) return { $ref: pointer };
  return flatten(scope.references.at(pointer), scope, new Set([...open, pointer]));
}

/** A reference that more is asked of than it says itself: one level of it is copied. */
function unrolled(layer: JsonObject, scope: FlattenScope, open: ReadonlySet<string>): JsonObject {
  const pointer = layer['$ref'];
  if (typeof pointer !== 'string' || open.has(pointer)) return layer;
  scope.copy(pointer);
  const flat = flatten(scope.references.at(pointer), scope, new Set([...open, pointer]));
  return isObject(flat) ? flat : {};
}

const nothingSaid: ReadonlySet<string> = new Set();

/** Whether a schema asks for anything, or only describes. */
export function asserts(node: JsonObject): boolean {
  return notesOf(node, nothingSaid).length > 0;
}
/**
 * Whether it can be seen that no value fits two of these schemas, so that "one of" says no more than "any of":
 * they are of different types, have different values, or objects told apart by a required property.
 */
export function excludeEachOther(schemas: readonly unknown[]): boolean {
  const branches = schemas.filter(isObject);
  if (branches.length < schemas.length) return false;
  return differ(branches.map(typeOf)) || differ(branches.map(valuesOf)) || haveTag(branches);
}
function haveTag(branches: readonly JsonObject[]): boolean {
  const [first] = branches;
  const names = Array.isArray(first?.['required']) ? first['required'] : [];
  return names.some((name: unknown) =>
    differ(branches.map((branch) => tagOf(branch, String(name)))),
  );
}
function tagOf({ properties, required }: JsonObject, name: string): readonly string[] {
  const property = isObject(properties) ? properties[name] : undefined;
  const isRequired = Array.isArray(required) && required.includes(name);
  return isRequired && isObject(property) ? valuesOf(property) : [];
}
function valuesOf({ const: constant, enum: values }: JsonObject): readonly string[] {
  const all: readonly unknown[] =
    constant === undefined ? (Array.isArray(values) ? values : []) : [constant];
  return all.map((value) => JSON.stringify(value));
}
function typeOf({ type }: JsonObject): readonly string[] {
  return typeof type === 'string' ? [type === 'integer' ? 'number' : type] : [];
}
/** Whether each list says something, and no two say the same. */
function differ(lists: readonly (readonly string[])[]): boolean {
  const all = lists.flat();
  return lists.every((list) => list.length > 0) && new Set(all).size === all.length;
}

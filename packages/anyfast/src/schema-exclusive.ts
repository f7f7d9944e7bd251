import { isObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

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

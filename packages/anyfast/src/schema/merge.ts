import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** One schema that asks for everything two schemas ask for. Unions of both are left as `allOf` for each pair. */
export function mergeSchemas(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    merged[key] = key in a ? mergeKeyword(key, a[key], value) : value;
  }
  return merged;
}

function mergeKeyword(key: string, a: unknown, b: unknown): unknown {
  switch (key) {
    case 'type':
      return commonTypes(a, b);
    case 'properties':
    case 'patternProperties':
      return mergeMaps(a, b);
    case 'required':
      return [...new Set([...list(a), ...list(b)])];
    case 'enum':
      return list(a).filter((one) => list(b).some((other) => isSame(one, other)));
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : (a ?? b);
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : (a ?? b);
    case 'items':
    case 'additionalProperties':
      return both(a, b);
    case 'anyOf':
      return pairs(list(a), list(b));
    default:
      // Of annotations the first one stands nearest to the place; of assertions either is better than none.
      return a;
  }
}

/** The types both allow. */
function commonTypes(a: unknown, b: unknown): unknown {
  const [left, right] = [typeList(a), typeList(b)];
  const common = left.flatMap((type) => {
    if (right.includes(type)) return [type];
    if (type === 'integer' && right.includes('number')) return [type];
    return type === 'number' && right.includes('integer') ? ['integer'] : [];
  });
  return common.length === 1 ? common[0] : common;
}

function typeList(type: unknown): readonly unknown[] {
  return Array.isArray(type) ? type : [type];
}

function mergeMaps(a: unknown, b: unknown): unknown {
  if (!isObject(a) || !isObject(b)) return isObject(a) ? a : b;
  const merged: Record<string, unknown> = { ...a };
  for (const [name, schema] of Object.entries(b)) {
    merged[name] = Object.hasOwn(a, name) ? both(a[name], schema) : schema;
  }
  return merged;
}

function both(a: unknown, b: unknown): unknown {
  if (a === true || isSame(a, b)) return b;
  if (b === true) return a;
  if (a === false || b === false) return false;
  return { allOf: [a, b] };
}

const mostPairs = 64;

function pairs(a: readonly unknown[], b: readonly unknown[]): readonly unknown[] {
  if (a.length * b.length > mostPairs) return a;
  return a.flatMap((one) => b.map((other) => both(one, other)));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Equal as JSON, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      isObject(part)
        ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
        : part,
    ) ?? 'undefined'
  );
}

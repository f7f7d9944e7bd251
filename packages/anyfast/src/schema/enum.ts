import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { unite } from './union.ts';

/** The documented limits for one enum; today's validator takes more. */
const mostValues = 500;
const manyValues = 250;
const mostCharacters = 7500;

/** How an enum's values are compiled that are no plain values, and what is lost on the way. */
export interface EnumScope {
  compile(node: JsonObject): JsonObject | undefined;
  lose(lost: string): void;
}

/**
 * An enum with its type said: one for each type among its values, `null` as a type of its own. Values that are
 * objects become objects of exactly these properties. Undefined when no value is of a declared type.
 */
export function compileEnum(
  values: readonly unknown[],
  declared: readonly string[] | undefined,
  scope: EnumScope,
): JsonObject | undefined {
  const groups = new Map<string, unknown[]>();
  for (const value of values) {
    if (isUnspeakable(value)) scope.lose(`the value ${String(value)}, which JSON cannot express`);
    const type = typeOf(value, declared);
    if (type === undefined) continue;
    const group = groups.get(type) ?? [];
    if (!group.includes(value)) group.push(value);
    groups.set(type, group);
  }
  const branches = [...groups].flatMap(([type, group]) => branch(type, group, scope));
  return branches.length === 0 ? undefined : unite(branches);
}

function branch(type: string, values: readonly unknown[], scope: EnumScope): readonly JsonObject[] {
  if (type === 'null') return [{ type }];
  if (type === 'boolean' && values.length === 2) return [{ type }];
  if (type === 'object') return values.flatMap((value) => exactly(value, scope));
  if (type === 'array') {
    scope.lose(`the values ${JSON.stringify(values).slice(0, 120)}`);
    return [{ type, description: `(one of ${JSON.stringify(values).slice(0, 120)})` }];
  }
  const characters = values.reduce((sum: number, value) => sum + String(value).length, 0);
  const tooMany = values.length > mostValues;
  if (!tooMany && (values.length <= manyValues || characters <= mostCharacters)) {
    return [{ type, enum: values }];
  }
  scope.lose(`the list of its ${values.length} values`);
  const some = values.slice(0, 10).map(String).join(', ').slice(0, 200);
  return [{ type, description: `(one of ${values.length} values, such as ${some})` }];
}

function exactly(value: unknown, scope: EnumScope): readonly JsonObject[] {
  if (!isObject(value)) return [];
  const entries = Object.entries(value).map(([name, one]) => [name, { enum: [one] }]);
  const compiled = scope.compile({
    type: 'object',
    properties: Object.fromEntries(entries),
    required: Object.keys(value),
    additionalProperties: false,
  });
  return compiled === undefined ? [] : [compiled];
}

/** The value's type, if it is among the declared ones. */
function typeOf(value: unknown, declared: readonly string[] | undefined): string | undefined {
  const own = plainType(value);
  if (declared === undefined) return own;
  if (own === 'integer' && declared.includes('number')) return 'number';
  return own !== undefined && declared.includes(own) ? own : undefined;
}

/** `1e999` in a schema's text is read as Infinity, and written as null. */
function isUnspeakable(value: unknown): boolean {
  return typeof value === 'number' ? !Number.isFinite(value) : plainType(value) === undefined;
}

function plainType(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return undefined;
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  const type = typeof value;
  return type === 'string' || type === 'boolean' || type === 'object' ? type : undefined;
}

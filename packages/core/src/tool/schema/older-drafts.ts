import type { JsonSchema } from '../../base/model.ts';
import { mapSubschemas } from './subschemas.ts';

/**
 * A plain JSON Schema as its author meant it, in today's words: `exclusiveMaximum: true` (draft 4, OpenAPI 3.0), `nullable: true`
 * (OpenAPI 3.0), and `null` for a keyword that says nothing (as Go writes an empty list). Read by today's rules they would
 * refuse every call. The same object where nothing had to change.
 */
export function inTodaysWords(schema: JsonSchema): JsonSchema {
  return mapSubschemas(schema, (node) => nullable(exclusive(withoutNulls(node))));
}

/** Keywords that an empty value of Go or a missing annotation leaves as `null`. In others it is a mistake that is told. */
const mayBeNull = [
  'required',
  'enum',
  'properties',
  'title',
  'description',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'nullable',
];

function withoutNulls(node: JsonSchema): JsonSchema {
  const empty = Object.keys(node).filter((key) => node[key] === null && mayBeNull.includes(key));
  return empty.length === 0 ? node : without(node, empty);
}

function exclusive(node: JsonSchema): JsonSchema {
  let result = node;
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[flag] !== 'boolean') continue;
    const limit = result[bound];
    const isStrict = result[flag] && typeof limit === 'number';
    result = without(result, isStrict ? [flag, bound] : [flag]);
    if (isStrict) result = { ...result, [flag]: limit };
  }
  return result;
}

function nullable(node: JsonSchema): JsonSchema {
  if (typeof node['nullable'] !== 'boolean') return node;
  const { nullable: mayBeNull, ...rest } = node;
  if (!mayBeNull) return rest;
  const { type, enum: values } = rest;
  if (type === undefined && values === undefined) return { anyOf: [rest, { type: 'null' }] };
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  return {
    ...rest,
    ...(type === undefined || types.includes('null') ? {} : { type: [...types, 'null'] }),
    ...(Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}),
  };
}

function without(node: JsonSchema, keys: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !keys.includes(key)));
}

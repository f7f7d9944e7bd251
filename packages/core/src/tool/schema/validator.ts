import { dereference, Validator } from '@cfworker/json-schema';
import type { JsonSchema } from '../../base/model.ts';
import { unicodePattern } from './pattern.ts';
import { mapSubschemas } from './subschemas.ts';

/** Says what of a value does not fit, if anything does not. */
export type Validate = (value: unknown) => { readonly issues?: readonly Issue[] };

interface Issue {
  readonly keys: readonly string[];
  readonly message: string;
}

/** A validator for a plain JSON Schema. Throws for an unknown `$ref` and a broken pattern, before the first value. */
export function validatorOf(source: JsonSchema): Validate {
  const own = structuredClone(mapSubschemas(source, forTheValidator)); // it leaves marks in it
  checkReferences(own);
  const isUnique = JSON.stringify(source).includes('"uniqueItems":true');
  const draft = String(source['$schema'] ?? '').includes('draft-07') ? '7' : '2020-12';
  const validator = new Validator(own, draft, false);
  return (value) => {
    if (isUnique) {
      const long = longList(value, []);
      if (long !== undefined) return { issues: [long] };
    }
    const { valid, errors } = validator.validate(value);
    if (valid) return {};
    const leaves = errors.filter(({ keyword }) => !enclosing.has(keyword));
    return {
      issues: (leaves.length > 0 ? leaves : errors).map(({ instanceLocation, keyword, error }) => ({
        keys: instanceLocation.split('/').slice(1).map(unescapePointer),
        message: keyword === 'false' ? 'No value is allowed here.' : error,
      })),
    };
  };
}

/** The validator reports what encloses a fault too; the innermost reports say what to change. */
const enclosing = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'items',
  'prefixItems',
  '$ref',
]);

/** Two words that the validator reads in its own way. */
function forTheValidator(node: JsonSchema): JsonSchema {
  const { pattern, patternProperties, format } = node;
  const named = Object.entries(patternProperties ?? {});
  return {
    ...node,
    ...(typeof pattern === 'string' ? { pattern: unicodePattern(pattern) } : {}),
    ...(named.length === 0
      ? {}
      : {
          patternProperties: Object.fromEntries(
            named.map(([key, part]) => [unicodePattern(key), part]),
          ),
        }),
    // "url" is no format of JSON Schema, and the validator's own takes exponential time.
    ...(format === 'url' ? { format: 'uri' } : {}),
  };
}

/** It compares each item with each other one. */
const mostUnique = 2_000;

function longList(value: unknown, keys: readonly string[]): Issue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && value.length > mostUnique) {
    const message = `This list has ${value.length} items; at most ${mostUnique} can be compared.`;
    return { keys, message };
  }
  for (const [key, part] of Object.entries(value)) {
    const found = longList(part, [...keys, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkReferences(schema: JsonSchema): void {
  const known = dereference(schema);
  for (const part of Object.values(known)) {
    if (typeof part === 'boolean') continue;
    const { $ref, __absolute_ref__: target = '' } = part;
    if ($ref !== undefined && known[target] === undefined) {
      throw new Error(`"$ref": ${JSON.stringify($ref)} names a schema that does not exist`);
    }
  }
}

function unescapePointer(key: string): string {
  return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

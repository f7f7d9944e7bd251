import { dereference, Validator } from '@cfworker/json-schema';
import type { JsonSchema } from '../../base/model.ts';

/** Says what of a value does not fit, if anything does not. */
export type Validate = (value: unknown) => {
  readonly issues?: readonly { readonly keys: readonly string[]; readonly message: string }[];
};

/** A validator for a plain JSON Schema. Throws for an unknown `$ref` and a broken pattern, before the first value. */
export function validatorOf(source: JsonSchema): Validate {
  const own = structuredClone(source); // the validator leaves marks in it
  checkReferences(own);
  const draft = String(source['$schema'] ?? '').includes('draft-07') ? '7' : '2020-12';
  const validator = new Validator(own, draft, false);
  return (value) => {
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

function checkReferences(schema: JsonSchema): void {
  const known = dereference(schema);
  for (const part of Object.values(known)) {
    if (typeof part === 'boolean') continue;
    const { $ref, __absolute_ref__: target = '', pattern, patternProperties = {} } = part;
    if ($ref !== undefined && known[target] === undefined) {
      throw new Error(`"$ref": ${JSON.stringify($ref)} names a schema that does not exist`);
    }
    for (const text of [pattern ?? '', ...Object.keys(patternProperties)])
      ''.match(new RegExp(text, 'u'));
  }
}

function unescapePointer(key: string): string {
  return decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');
}

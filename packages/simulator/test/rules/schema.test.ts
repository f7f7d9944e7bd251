import { describe, expect, test } from 'vitest';
import { checkParameters, checkSchema, documentedLimits } from '../../src/index.ts';

const of = (x: unknown, more: object = {}): object => ({
  type: 'object',
  properties: { x },
  ...more,
});
const nested = (depth: number): object =>
  depth === 0 ? { type: 'string' } : { type: 'object', properties: { x: nested(depth - 1) } };
const many = (count: number): object => ({
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`p${n}`, { type: 'string' }]),
  ),
});
const endless = { $defs: { Node: of({ $ref: '#/$defs/Node' }, { required: ['x'] }) } };

const refused: readonly [schema: unknown, path: string, reason: string][] = [
  [null, 'root', 'schema must be a dict'],
  [
    of({ type: 'string', anyOf: [{ type: 'string' }] }),
    'properties.x',
    'when using anyOf, type should be defined in anyOf items instead of the parent schema',
  ],
  [
    of({ type: 'string', $ref: '#' }),
    'properties.x',
    'when using $ref, type should be defined in the referenced schema instead of the parent schema',
  ],
  [of({ enum: ['a'] }), 'properties.x', 'type is not defined'],
  [
    of({ type: 'string', enum: ['a', 1] }),
    'properties.x.enum',
    'enum value (1) does not match any type in [string]',
  ],
  [of({ type: 'integer', enum: [1.5] }), 'properties.x.enum', 'not a valid integer'],
  [of({ type: 'string', enum: [] }), 'properties.x.enum', 'enum array cannot be empty'],
  [of({ type: 'string', enum: 'a' }), 'properties.x.enum', 'enum must be an array'],
  [
    of({ type: 'string', enum: Array.from({ length: 1001 }, String) }),
    'properties.x.enum',
    'enum array cannot have more than 1000 items',
  ],
  [
    of({ type: ['string', 'integer'], enum: ['a'] }),
    'properties.x',
    'when type is array and enum is specified, currently only 2 types are supported, one must be null, and the other can be string/integer/number/boolean',
  ],
  [
    of({ type: ['object', 'null'], enum: [null] }),
    'properties.x',
    'type object is not allowed in combination with enum',
  ],
  [of({ type: 'text' }), 'properties.x', 'invalid type'],
  [of({ type: 7 }), 'properties.x', 'type must be string or array of strings'],
  [of({ type: ['string', 7] }), 'properties.x', 'invalid type in type array'],
  [of({ type: [] }), 'properties.x', 'type array cannot be empty'],
  [
    of({ type: ['string', 'null'], maxLength: 5 }),
    'properties.x',
    'keyword maxLength is not allowed in combination with multiple types',
  ],
  [
    of({ type: ['array', 'null'], items: {} }),
    'properties.x',
    'keyword items is not allowed in combination with multiple types',
  ],
  [
    of({ type: ['string', 'null'], default: null }),
    'properties.x',
    'keyword default is not allowed in combination with multiple types',
  ],
  [{ type: 'object', properties: [] }, 'properties', 'properties must be an object'],
  [of(true), 'properties', "property schema for 'x' must be an object"],
  [
    { type: 'object', properties: { required: { type: 'string' } } },
    'properties',
    "property name 'required' is reserved for JSON Schema keywords",
  ],
  [of({ type: 'string' }, { required: 'x' }), 'required', 'required must be an array'],
  [
    of({ type: 'string' }, { required: [1] }),
    'required',
    'items in required array must be strings',
  ],
  [
    of({ type: 'string' }, { required: ['y'] }),
    'required',
    "required property 'y' is not defined in properties",
  ],
  [
    { type: 'object', required: ['y'] },
    'required',
    "required property 'y' is not defined in properties",
  ],
  [
    of({ anyOf: [{ type: 'object', required: ['y'] }] }),
    'properties.x.anyOf.required',
    "required property 'y' is not defined in properties",
  ],
  [
    of({ type: 'array', items: [{ type: 'string' }] }),
    'properties.x.items',
    'items must be an object',
  ],
  [of({ type: 'array', items: true }), 'properties.x.items', 'items must be an object'],
  [of({ $ref: 7 }), 'properties.x.$ref', '$ref must be a string'],
  [
    of({ type: 'object', properties: { y: { $ref: '#/definitions/A' } } }),
    'properties.x.properties.y.$ref',
    'references must start with #/$defs/',
  ],
  [of({ $ref: '#/$defs/' }), 'properties.x.$ref', 'definition name cannot be empty'],
  [of({ $ref: '#/$defs/A' }), 'properties.x.$ref', '$defs not found for reference: #/$defs/A'],
  [of({ $ref: '#/$defs/A' }, { $defs: {} }), 'root', 'invalid $ref path: #/$defs/A'],
  [
    { ...of({ type: 'string' }), not: { not: { $ref: '#' } } },
    'not.not',
    '$ref is not allowed in this schema.',
  ],
  [
    of(
      { $ref: '#/$defs/A', description: 'here' },
      { $defs: { A: { type: 'string', description: 'there' } } },
    ),
    'properties.x',
    'conflicting keywords found after $ref expansion: description',
  ],
  [
    of(
      { $ref: '#/$defs/A', default: 1 },
      { $defs: { A: { $ref: '#/$defs/B' }, B: { anyOf: [{ type: 'string', default: 'a' }] } } },
    ),
    'properties.x',
    'conflicting keywords found in anyOf after ref expansion: default',
  ],
  [
    of({ $ref: '#/$defs/A', anyOf: [{ minLength: 1 }] }, { $defs: { A: { type: 'string' } } }),
    'properties.x',
    'invalid schema after $ref expansion: (when using anyOf, type should be defined in anyOf items instead of the parent schema)',
  ],
  [of({ anyOf: {} }), 'properties.x.anyOf', 'anyOf must be an array'],
  [of({ anyOf: [] }), 'properties.x.anyOf', 'anyOf must have 1-500 items'],
  [of({ anyOf: [true] }), 'properties.x.anyOf', 'schema in anyOf must be an object'],
  [
    of({ default: 1, anyOf: [{ type: 'string', default: 'a' }] }),
    'properties.x',
    'conflicting keywords found in anyOf with parent: keywords (default) are defined on the parent schema and inside anyOf; remove them from the parent or from anyOf branches',
  ],
  [
    of({ type: 'object', additionalProperties: 1 }),
    'properties.x.additionalProperties',
    'additionalProperties must be a boolean or an object',
  ],
  [
    of({ type: 'string', description: 1 }),
    'properties.x.description',
    'description must be a string',
  ],
  [of({ type: 'string', pattern: 1 }), 'properties.x.pattern', 'pattern must be a string'],
  [{ type: 'object', $id: 1 }, '$id', '$id must be a string'],
  [{ type: 'object', $defs: [] }, '$defs', '$defs must be an object'],
  [{ type: 'object', $defs: { A: true } }, '$defs', '$defs schema must be object'],
  [
    { type: 'object', $defs: { 'a/b': {} } },
    '$defs',
    "$defs property name 'a/b' cannot contain '/' character",
  ],
  [{ type: 'object', $defs: { '': {} } }, '$defs', '$defs property name cannot be empty'],
  [
    of({ type: 'string', description: 'x'.repeat(120_000) }),
    'root',
    'schema exceeds maximum allowed size',
  ],
  [
    nested(31),
    Array.from({ length: 31 }, () => 'properties.x').join('.'),
    'schema depth exceeds maximum limit of 30',
  ],
  [
    many(3001),
    'root',
    'total number of properties keys(3001) across all objects exceeds maximum limit of 3000',
  ],
  [
    of({ $ref: '#/$defs/Node' }, { ...endless, required: ['x'] }),
    'properties.x',
    'detected infinite recursion without termination condition',
  ],
  [
    of({ $ref: '#' }, { required: ['x'] }),
    'properties.x',
    'detected infinite recursion without termination condition',
  ],
];

const accepted: readonly [about: string, schema: unknown][] = [
  ['an empty schema', {}],
  ['an object without properties', { type: 'object', properties: {} }],
  ['keywords it does not know', of({ type: 'string', format: 'date', oneOf: 7, $schema: 1 })],
  ['a nullable text', of({ type: ['string', 'null'], description: 'x', title: 'y' })],
  ['a nullable enum', of({ type: ['string', 'null'], enum: ['a', null] })],
  [
    'anyOf with a description beside it',
    of({ anyOf: [{ type: 'string', description: 'a' }], description: 'b' }),
  ],
  [
    'a reference with a description beside it',
    of({ $ref: '#/$defs/A', description: 'b' }, { $defs: { A: { type: 'string' } } }),
  ],
  [
    'recursion that may end',
    of(
      { $ref: '#/$defs/N' },
      { $defs: { N: of({ anyOf: [{ type: 'null' }, { $ref: '#/$defs/N' }] }) } },
    ),
  ],
  ['recursion that is never needed', of({ $ref: '#/$defs/Node' }, endless)],
  ['a reference to itself that is optional', of({ $ref: '#' })],
  ['a record', of({ type: 'object', additionalProperties: { type: 'number' } })],
  ['30 levels', nested(30)],
  ['3000 properties', many(3000)],
  [
    'a property called type',
    { type: 'object', properties: { type: { type: 'string', enum: ['a'] } } },
  ],
  [
    'a property called constructor that is required',
    { type: 'object', properties: { constructor: { type: 'string' } }, required: ['constructor'] },
  ],
];

describe('the check of a schema in the flavour of Moonshot', () => {
  test.each(refused)('refuses %j', (schema, path, reason) => {
    expect(checkSchema(schema)).toEqual({ path, reason });
  });

  test.each(accepted)('accepts %s', (_, schema) => {
    expect(checkSchema(schema)).toBeUndefined();
  });

  test('can be asked for the tighter limits of the documentation', () => {
    expect(checkSchema(nested(6), documentedLimits)?.reason).toContain('maximum limit of 5');
    expect(checkSchema(many(101), documentedLimits)?.reason).toContain('maximum limit of 100');
    const long = Array.from({ length: 300 }, (_, n) => `value number ${n} ${'x'.repeat(30)}`);
    const enums = of({ type: 'string', enum: long });
    expect(checkSchema(enums, documentedLimits)?.reason).toContain('maximum limit of 7500');
  });

  test('ends soon when every definition names every other', () => {
    const names = Array.from({ length: 40 }, (_, n) => `D${n}`);
    const all = { anyOf: names.map((name) => ({ $ref: `#/$defs/${name}` })) };
    const $defs = Object.fromEntries(names.map((name) => [name, of(all)]));
    const startedAt = performance.now();
    checkSchema(of({ $ref: '#/$defs/D0' }, { $defs }));
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('wants an object at the root of parameters, and only there', () => {
    expect(checkParameters({ anyOf: [{ type: 'object' }] })?.path).toBe('root');
    expect(checkParameters({ type: 'object' })).toBeUndefined();
    expect(checkSchema({ type: 'string' })).toBeUndefined();
  });
});

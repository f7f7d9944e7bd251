import { Validator } from '@cfworker/json-schema';
import type { Schema } from '@cfworker/json-schema';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toMoonshotSchema } from '../../src/index.ts';

const fits = (schema: unknown, value: unknown): boolean =>
  new Validator(schema as Schema, '2020-12', false).validate(value).valid;

async function compiled(p: unknown): Promise<{ readonly schema: unknown; readonly lost: string }> {
  const { schema, losses } = await toMoonshotSchema({ type: 'object', properties: { p } });
  return { schema, lost: losses.map(({ lost }) => lost).join('\n') };
}

describe('what a schema allows, its compiled form allows', () => {
  test.each<[what: string, p: unknown, value: unknown]>([
    [
      'further items of an open tuple',
      { type: 'array', prefixItems: [{ type: 'string' }] },
      ['a', 1, null],
    ],
    [
      'further items of an open tuple of draft 07',
      { type: 'array', items: [{ type: 'string' }] },
      ['a', {}],
    ],
    [
      'the same where they are said to be anything',
      { type: 'array', prefixItems: [{ type: 'string' }], items: true },
      ['a', 1],
    ],
    [
      'a property that only `then` names, beside unevaluatedProperties',
      {
        type: 'object',
        properties: { kind: { type: 'string' } },
        if: { properties: { kind: { const: 'a' } }, required: ['kind'] },
        // oxlint-disable-next-line unicorn/no-thenable -- the keyword
        then: { properties: { extra: { type: 'number' } } },
        unevaluatedProperties: false,
      },
      { kind: 'a', extra: 1 },
    ],
    [
      'a property that only dependentSchemas names',
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        dependentSchemas: { a: { properties: { b: { type: 'number' } } } },
        unevaluatedProperties: false,
      },
      { a: 'x', b: 1 },
    ],
    [
      'a name that no pattern fits',
      { type: 'object', patternProperties: { '^x-': { type: 'string' } } },
      { y: 1 },
    ],
    [
      'a name that a pattern fits and a list names',
      {
        type: 'object',
        propertyNames: { enum: ['x-a'] },
        patternProperties: { '^x-': { type: 'string' } },
        additionalProperties: false,
      },
      { 'x-a': 'b' },
    ],
    [
      'a reserved name beside additionalProperties',
      {
        type: 'object',
        properties: { required: { type: 'string' } },
        additionalProperties: { type: 'number' },
      },
      { required: 'yes', n: 1 },
    ],
    [
      'a reserved name that is only required',
      { type: 'object', required: ['$ref'], additionalProperties: { type: 'number' } },
      { $ref: 1, n: 2 },
    ],
    ['a flag of draft 04', { type: 'number', maximum: 5, exclusiveMaximum: false }, 5],
    [
      'what is not given, written as null',
      {
        type: 'object',
        properties: { a: { type: 'string', maxLength: null } },
        required: null,
        additionalProperties: null,
      },
      { a: 'abc', b: 1 },
    ],
  ])('%s', async (_what, p, value) => {
    const { schema } = await compiled(p);
    expect(fits(schema, { p: value }), JSON.stringify(schema)).toBe(true);
  });
});

test('a value that JSON cannot say is left out of a list and told', async () => {
  const { schema, lost } = await compiled({ enum: [1, JSON.parse('1e999')] });
  expect(JSON.stringify(schema)).toContain('"enum":[1]');
  expect(lost).toContain('Infinity, which JSON cannot express');
});

test('a schema without a type is taken for the one that its keywords speak of, and that is told', async () => {
  const { lost } = await compiled({ maxLength: 5 });
  expect(lost).toContain('narrower: it has no type, so it becomes string');
});

test.each<[what: string, schema: Record<string, unknown>, words: string]>([
  [
    'a $dynamicRef',
    { type: 'object', properties: { a: { $dynamicRef: '#node' } } },
    'a $dynamicRef ("#node" at #/properties/a)',
  ],
  [
    'a big number of JavaScript',
    { type: 'object', properties: { a: { const: 10n } } },
    'cannot be read',
  ],
  [
    'a value that throws',
    {
      type: 'object',
      get properties() {
        throw new TypeError('mine');
      },
    },
    'cannot be read (TypeError: mine)',
  ],
])('a schema with %s is refused in words', async (_what, schema, words) => {
  await expect(toMoonshotSchema(schema)).rejects.toMatchObject({
    code: 'invalid_schema',
    message: expect.stringContaining(words) as string,
  });
});

const name = fc.constantFrom('a', 'b', 'x-c', 'required', '$ref');
const bound = fc.integer({ min: 0, max: 3 });
const scalars = fc.constantFrom<unknown>('a', 'bcd', '', 0, 1, 2.5, -1, true, null);
const sometimes = <T>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
  always: readonly (keyof T)[] = [],
) => fc.record(shape, { requiredKeys: always as [] });

const { schema: anySchema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(true, {}, { type: 'null' }, { type: 'boolean' }),
    sometimes({ type: fc.constant('string'), minLength: bound, maxLength: bound }, ['type']),
    sometimes(
      {
        type: fc.constantFrom('number', 'integer'),
        minimum: bound,
        maximum: bound,
        exclusiveMinimum: bound,
        exclusiveMaximum: bound,
      },
      ['type'],
    ),
    fc.record({ enum: fc.uniqueArray(scalars, { minLength: 1, maxLength: 4 }) }),
    fc.record({ const: scalars }),
    sometimes(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
        required: fc.subarray(['a', 'b', '$ref']),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        patternProperties: fc.dictionary(fc.constantFrom('^x-', 'a'), tie('schema'), {
          maxKeys: 2,
        }),
        unevaluatedProperties: fc.boolean(),
      },
      ['type'],
    ),
    sometimes(
      {
        type: fc.constant('array'),
        items: fc.oneof(fc.boolean(), tie('schema')),
        prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
        minItems: bound,
        maxItems: bound,
      },
      ['type'],
    ),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    sometimes(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(name, tie('schema'), { maxKeys: 2 }),
        if: tie('schema'),
        // oxlint-disable-next-line unicorn/no-thenable -- the keyword
        then: tie('schema'),
        else: tie('schema'),
        unevaluatedProperties: fc.constant(false),
      },
      ['type', 'if'],
    ),
  ),
}));

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}));

test('whatever schema is composed, a value that fits it fits its compiled form, or losses tell that it is narrower', async () => {
  let tried = 0;
  const property = fc.asyncProperty(
    anySchema,
    fc.array(anyValue, { minLength: 5, maxLength: 20 }),
    async (p, values) => {
      const { schema, lost } = await compiled(p);
      if (lost.includes('narrower:')) return;
      for (const value of values) {
        if (!fits({ type: 'object', properties: { p } }, { p: value })) continue;
        tried++;
        expect(
          fits(schema, { p: value }),
          `${JSON.stringify(p)} of ${JSON.stringify(value)} as ${JSON.stringify(schema)}`,
        ).toBe(true);
      }
    },
  );
  await fc.assert(property, {
    numRuns: 3_000,
    interruptAfterTimeLimit: 30_000,
    endOnFailure: true,
  });
  expect(tried).toBeGreaterThan(1_000);
});

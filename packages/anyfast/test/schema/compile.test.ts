import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { excludeEachOther } from '../../src/schema/flatten.ts';
import { compileFully } from '../../src/schema/full.ts';
import { asPlain } from '../../src/schema/plain.ts';

const anyType = ['object', 'array', 'string', 'number', 'boolean', 'null'];

/** What a property of a schema becomes. */
function compiled(property: unknown, root: object = {}): unknown {
  const { schema } = compileFully({ type: 'object', properties: { p: property }, ...root });
  return (schema['properties'] as Record<string, unknown>)['p'];
}

function losses(property: unknown): readonly string[] {
  return compileFully({ type: 'object', properties: { p: property } }).losses.map(
    ({ path, lost }) => `${path}: ${lost}`,
  );
}

test.each<[what: string, from: unknown, to: unknown]>([
  [
    'a plain type stays',
    { type: 'string', minLength: 1, description: 'x' },
    { type: 'string', minLength: 1, description: 'x' },
  ],
  ['no type means any', {}, { type: anyType }],
  ['true means any', true, { type: anyType }],
  [
    'a type is read from keywords',
    { properties: { a: true } },
    { type: 'object', properties: { a: { type: anyType } } },
  ],
  ['const is an enum of one', { const: 'k' }, { type: 'string', enum: ['k'] }],
  ['an enum says its type', { enum: [1, 2] }, { type: 'integer', enum: [1, 2] }],
  [
    'a mixed enum is a union',
    { enum: ['a', 1, null] },
    { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'integer', enum: [1] }, { type: 'null' }] },
  ],
  [
    'an object among values is spelt out',
    { const: { k: 1 } },
    {
      type: 'object',
      properties: { k: { type: 'integer', enum: [1] } },
      required: ['k'],
      additionalProperties: false,
    },
  ],
  ['null beside a bare type', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
  [
    'null beside more than a type',
    { type: ['string', 'null'], maxLength: 5 },
    { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }] },
  ],
  ['nullable', { type: 'integer', nullable: true }, { type: ['integer', 'null'] }],
  [
    'oneOf',
    { oneOf: [{ type: 'string', minLength: 2 }, { type: 'number' }] },
    { anyOf: [{ type: 'string', minLength: 2 }, { type: 'number' }] },
  ],
  [
    'a type beside a union goes into it',
    { type: 'string', anyOf: [{ minLength: 2 }, { maxLength: 1 }] },
    {
      anyOf: [
        { type: 'string', minLength: 2 },
        { type: 'string', maxLength: 1 },
      ],
    },
  ],
  [
    'allOf is merged',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        { properties: { a: { maxLength: 3 }, b: { type: 'number' } } },
      ],
    },
    {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 3 }, b: { type: 'number' } },
      required: ['a'],
    },
  ],
  [
    'an open bound of whole numbers',
    { type: 'integer', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'integer', minimum: 1 },
  ],
  [
    'a tuple',
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
    { type: 'array', description: '(its first items in order: string, number)' },
  ],
  [
    'a closed tuple',
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
    {
      type: 'array',
      items: { type: ['string', 'number'] },
      maxItems: 2,
      description: '(its items in order: string, number)',
    },
  ],
  [
    'a tuple of draft 07',
    { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'string' } },
    { type: 'array', items: { type: 'string' } },
  ],
  [
    'a record',
    { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } },
    { type: 'object', additionalProperties: { type: 'number' } },
  ],
  [
    'a record of named keys',
    { type: 'object', propertyNames: { enum: ['a'] }, additionalProperties: { type: 'number' } },
    { type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false },
  ],
  [
    'a required property that is not described',
    { type: 'object', required: ['a'] },
    { type: 'object', properties: { a: { type: anyType } }, required: ['a'] },
  ],
  [
    'a format goes into the description',
    { type: 'string', format: 'email', description: 'Yours.' },
    { type: 'string', description: 'Yours. (format: email)' },
  ],
  [
    'a default goes into the description',
    { type: 'number', default: 3 },
    { type: 'number', description: '(default: 3)' },
  ],
  ['never', { type: 'object', properties: { a: { not: {} } } }, { type: 'object' }],
])('%s', (_, from, to) => {
  expect(compiled(from)).toEqual(to);
});

test('references are copied, and stay only where a schema holds itself', () => {
  const $defs = {
    Name: { type: 'string', description: 'inner' },
    Tree: {
      type: 'object',
      properties: {
        name: { $ref: '#/$defs/Name' },
        kids: { type: 'array', items: { $ref: '#/$defs/Tree' } },
      },
      required: ['name'],
    },
  };
  const { schema, losses } = compileFully({
    type: 'object',
    properties: {
      name: { $ref: '#/$defs/Name', description: 'outer' },
      tree: { $ref: '#/$defs/Tree', description: 'a tree' },
      self: { $ref: '#' },
    },
    $defs,
  });
  const name = { type: 'string', description: 'inner' };
  const tree = {
    type: 'object',
    properties: { name, kids: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
    required: ['name'],
  };
  expect(schema).toEqual({
    type: 'object',
    properties: {
      name: { type: 'string', description: 'outer' },
      tree: { $ref: '#/$defs/Tree', description: 'a tree' },
      self: { $ref: '#' },
    },
    $defs: { Tree: tree },
  });
  expect(losses).toEqual([]);
});

test('definitions of draft 07, and a root that only refers', () => {
  const Node = { type: 'object', properties: { next: { $ref: '#/definitions/Node' } } };
  expect(compileFully({ $ref: '#/definitions/Node', definitions: { Node } }).schema).toEqual({
    type: 'object',
    properties: { next: { $ref: '#' } },
  });
});

test('a schema that could only be written without end is opened', () => {
  const { schema, losses } = compileFully({
    type: 'object',
    properties: { next: { $ref: '#' } },
    required: ['next'],
  });
  expect(schema).toEqual({ type: 'object', properties: { next: { $ref: '#' } } });
  expect(losses).toHaveLength(1);
});

test('a union at the root becomes one object that tells its alternatives', () => {
  const shape = (kind: string, field: string) => ({
    type: 'object',
    properties: { kind: { const: kind }, [field]: { type: 'number' } },
    required: ['kind', field],
  });
  expect(compileFully({ oneOf: [shape('circle', 'radius'), shape('square', 'side')] })).toEqual({
    schema: {
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['circle', 'square'] },
        radius: { type: 'number' },
        side: { type: 'number' },
      },
      required: ['kind'],
      description: '(either {kind: "circle", radius} or {kind: "square", side})',
    },
    losses: [
      'anyOf: which properties go together',
      'narrower: "radius" in the alternatives that do not name it, where it may be anything',
      'narrower: "side" in the alternatives that do not name it, where it may be anything',
    ].map((lost) => ({ path: 'root', lost })),
  });
});

test.each([
  ['a string', { type: 'string' }, 'the root of its schema is not an object'],
  [
    'too many properties',
    {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 3001 }, (_, at) => [`p${at}`, true])),
    },
    '3001 properties',
  ],
  [
    'too many bytes',
    { type: 'object', description: 'x'.repeat(120_000) },
    'the endpoint takes 120000',
  ],
])('a root that is %s is refused in words', (_, schema, told) => {
  expect(() => compileFully(schema)).toThrow(told);
});

test('a schema object that holds itself is refused, not followed', () => {
  const properties: Record<string, unknown> = {};
  const schema = { type: 'object', properties };
  properties['me'] = schema;
  expect(() => compileFully(schema)).toThrow('contains itself');
});

test('thirty levels pass; what lies deeper is lost and told', () => {
  const nested = (levels: number): Record<string, unknown> =>
    levels === 0 ? { type: 'string' } : { type: 'object', properties: { in: nested(levels - 1) } };
  expect(compileFully(nested(30))).toEqual({ schema: nested(30), losses: [] });
  expect(compileFully(nested(31)).losses).toMatchObject([
    { lost: 'what lies deeper than the endpoint reads' },
  ]);
});

test('long unions are grouped within the documented limit, long enums are told in words', () => {
  const anyOf = Array.from({ length: 25 }, (_, at) => ({
    type: 'object',
    properties: { [`p${at}`]: { type: 'string' } },
  }));
  const union = compiled({ anyOf }) as { anyOf: { anyOf: unknown[] }[] };
  expect(union.anyOf.length).toBeLessThanOrEqual(10);
  expect(union.anyOf.flatMap((group) => group.anyOf ?? [group])).toEqual(anyOf);
  const values = Array.from({ length: 501 }, (_, at) => `value ${at}`);
  expect(compiled({ enum: values })).toMatchObject({
    type: 'string',
    description: expect.stringContaining('501 values, such as value 0'),
  });
  expect(losses({ enum: values })).toEqual(['properties.p: the list of its 501 values']);
});

test('every lossy change is told, and nothing else', () => {
  expect(losses({ type: 'string', pattern: '^a', title: 'T', examples: ['a'] })).toEqual([
    'properties.p: pattern: ^a',
  ]);
  expect(losses({ type: 'number', exclusiveMinimum: 0 })).toEqual(['properties.p: more than 0']);
  expect(losses({ $ref: 'https://elsewhere' })).toEqual([
    'properties.p: $ref: https://elsewhere, which names no part of the schema',
  ]);
  expect(losses({ oneOf: [{ type: 'string' }, { type: 'number' }] })).toEqual([]);
  expect(
    losses({
      oneOf: [
        { type: 'string', minLength: 1 },
        { type: 'string', maxLength: 3 },
      ],
    }),
  ).toEqual(['properties.p: oneOf: that only one of them fits']);
});

test('names the validator keeps for itself are left out and told', () => {
  const { schema, losses } = compileFully({
    type: 'object',
    properties: { required: { type: 'string' } },
    required: ['required'],
    additionalProperties: false,
  });
  expect(schema).toEqual({
    type: 'object',
    properties: {},
    description: '(it also takes a property "required")',
  });
  expect(losses).toHaveLength(1);
});

test('branches exclude each other by type, value or a required tag', () => {
  const tagged = (kind: string) => ({ properties: { kind: { const: kind } }, required: ['kind'] });
  expect(excludeEachOther([{ type: 'string' }, { type: 'null' }])).toBe(true);
  expect(excludeEachOther([{ const: 1 }, { enum: [2, 3] }])).toBe(true);
  expect(excludeEachOther([tagged('a'), tagged('b')])).toBe(true);
  expect(excludeEachOther([tagged('a'), tagged('a')])).toBe(false);
  expect(excludeEachOther([{ type: 'number' }, { type: 'integer' }])).toBe(false);
});

const node = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      true,
      {},
      { type: 'string', format: 'uri' },
      { type: ['string', 'null'], maxLength: 4 },
      { const: 'k' },
      { enum: [1, 'a', null] },
      { $ref: '#/$defs/A' },
      { $ref: '#', description: 'r' },
      { not: {} },
      { nullable: true, type: 'number', default: 3 },
    ),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'type', 'anyOf'), tie('schema'), {
          maxKeys: 3,
        }),
        required: fc.subarray(['a', 'b']),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
      },
      { requiredKeys: [] },
    ),
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('schema'),
        prefixItems: fc.array(tie('schema'), { maxLength: 2 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 12 }),
        type: fc.constant('object'),
      },
      { requiredKeys: ['anyOf'] },
    ),
    fc.record(
      { allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }), description: fc.string() },
      { requiredKeys: ['allOf'] },
    ),
  ),
})).schema;

interface Compiled {
  readonly [key: string]: unknown;
  readonly type?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly $ref?: unknown;
  readonly enum?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
  readonly $defs?: Readonly<Record<string, unknown>>;
}

/** What breaks the rules of Moonshot's flavour that hold at every level. */
function breaches(schema: unknown): readonly string[] {
  const {
    type,
    anyOf,
    $ref,
    enum: values,
    properties = {},
    required = [],
    items,
    additionalProperties,
    $defs = {},
    description: _,
    ...odd
  } = schema as Compiled;
  const found = Object.keys(odd).filter((key) => !/^(min|max)(imum|Length|Items)$/.test(key));
  if ([type, anyOf, $ref].filter((one) => one !== undefined).length !== 1)
    found.push('type, anyOf or $ref');
  if (
    Array.isArray(type) &&
    Object.keys(schema as object).some((key) => key !== 'type' && key !== 'description')
  )
    found.push('types');
  if (anyOf !== undefined && (anyOf.length < 2 || anyOf.length > 10)) found.push('anyOf');
  if (values !== undefined && typeof type !== 'string') found.push('enum');
  for (const name of required) if (!(name in properties)) found.push(`required ${name}`);
  const rest = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  const inside = [
    ...Object.values(properties),
    ...(items === undefined ? [] : [items]),
    ...(anyOf ?? []),
    ...rest,
    ...Object.values($defs),
  ];
  return [...found, ...inside.flatMap(breaches)];
}

test('whatever schema is composed, what it compiles to keeps the rules', () => {
  const property = fc.property(node, node, (a, b) => {
    let schema: unknown;
    try {
      ({ schema } = compileFully({
        type: 'object',
        properties: { a, b },
        required: ['a'],
        $defs: { A: b },
      }));
    } catch (error) {
      // Some compositions multiply beyond any bound; they are refused in words.
      expect(String(error)).toMatch(
        /subschemas once its references are|and the endpoint takes \d+/,
      );
      return;
    }
    expect(breaches(schema)).toEqual([]);
  });
  // Shrinking what multiplies may take minutes; a failure is to be told at once.
  fc.assert(property, { numRuns: 300, interruptAfterTimeLimit: 20_000 });
});

/** Mostly one of the `plain`, rarely one of the `odd`. */
function mostly<T>(plain: readonly T[], odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...plain) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

/** Schemas of which many are plain, and the others nearly. */
const nearlyPlain = fc.letrec<{ node: object; object: object }>((tie) => {
  const said = mostly<object>(
    [{}, { description: 'Where.' }, { default: 1 }, { default: null, description: 'Where.' }],
    [{ description: ' blank ' }, { description: '' }, { title: 'T' }, { default: undefined }],
  );
  const name = mostly(['a', 'b', 'c_d', 'x/y', '__proto__'], ['required', '$ref']);
  const leaf = mostly<object>(
    [
      { type: 'string' },
      { type: 'number' },
      { type: 'integer' },
      { type: 'boolean' },
      { type: 'string', enum: ['x', 'y'] },
      { type: 'string', minLength: 1, maxLength: 9 },
      { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'number', exclusiveMinimum: 0, maximum: 1.5 },
      { type: 'array', minItems: 1, maxItems: 4 },
    ],
    [
      { type: 'string', minLength: 0, maxLength: -1 },
      { type: 'string', minLength: '2', pattern: 'x' },
      { type: 'string', enum: ['x'], minLength: 1 },
      { type: 'integer', minimum: 0.5, exclusiveMaximum: 3 },
      { type: 'integer', minimum: 3, exclusiveMinimum: true },
      { type: 'number', minimum: 0, exclusiveMinimum: 0, exclusiveMaximum: Infinity },
      { type: 'number', multipleOf: 2 },
      { type: 'array', uniqueItems: true },
      { type: 'string', enum: ['x', 'x'] },
      { type: 'integer', enum: [1] },
      { enum: ['a'] },
      { type: ['string', 'null'] },
      { type: 'null' },
    ],
  );
  const more = mostly<object>(
    [{}, { additionalProperties: false }],
    [{ additionalProperties: true }, { additionalProperties: {} }, { required: ['a', 'z'] }],
  );
  const shape = fc.uniqueArray(fc.tuple(name, tie('node')), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 3,
  });
  return {
    object: fc.tuple(shape, said, more, fc.boolean()).map(([entries, words, rest, all]) => {
      const required = all ? { required: entries.map(([key]) => key) } : {};
      const properties = Object.fromEntries(entries) as object;
      return { type: 'object', properties, ...required, ...words, ...rest };
    }),
    node: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(leaf, said).map(([type, words]) => ({ ...type, ...words })),
      tie('object'),
      tie('node').map((items) => ({ type: 'array', items })),
    ),
  };
});

test('a plain schema is what the compiler makes of it', () => {
  let plain = 0;
  fc.assert(
    fc.property(nearlyPlain.object, fc.boolean(), (schema, named) => {
      const $schema = { $schema: 'https://json-schema.org/draft/2020-12/schema' };
      const source = { ...(named ? $schema : {}), ...schema };
      const found = asPlain(source);
      if (found === undefined) return;
      plain++;
      expect(compileFully(source)).toEqual(found);
    }),
    { numRuns: 2_000 },
  );
  expect(plain).toBeGreaterThan(200);
});

test.each<[what: string, more: object]>([
  ['nothing', { properties: {} }],
  [
    'texts, numbers and flags',
    {
      properties: { a: { type: 'string' }, b: { type: 'number' }, c: { type: 'boolean' } },
      required: ['a', 'c'],
    },
  ],
  [
    'descriptions, lists and words to choose from',
    {
      properties: {
        kinds: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
        at: {
          type: 'object',
          properties: { place: { type: 'string', description: 'Which.' } },
          required: ['place'],
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
  ],
])('needs no compiler for %s', (_what, more) => {
  // As zod writes it.
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  const schema = { $schema, type: 'object', ...more };
  expect(asPlain(schema)).toEqual({ schema: { type: 'object', ...more }, losses: [] });
  expect(asPlain(schema)).toEqual(compileFully(schema));
});

test('needs no compiler for bounds and defaults, and says the same of them', () => {
  const properties = {
    limit: { type: 'integer', minimum: 1, maximum: 9, default: 5, description: 'How many.' },
    offset: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    seconds: { type: 'number', exclusiveMinimum: 0, default: 30 },
    names: { type: 'array', items: { type: 'string', minLength: 1, default: '' }, maxItems: 3 },
  };
  const found = asPlain({ type: 'object', properties });
  expect(found).toEqual(compileFully({ type: 'object', properties }));
  expect(found?.losses).toHaveLength(4);
  expect(found?.schema).toMatchObject({
    properties: { limit: { minimum: 1, maximum: 9, description: 'How many. (default: 5)' } },
  });
});

test('leaves to the compiler what holds itself, lies deep or is long', () => {
  const self = { type: 'object', properties: {} as Record<string, unknown> };
  self.properties['self'] = self;
  expect(asPlain(self)).toBeUndefined();
  const list = { type: 'array', items: undefined as unknown };
  list.items = list;
  expect(asPlain({ type: 'object', properties: { list } })).toBeUndefined();
  const long = { type: 'string', description: 'x'.repeat(30_000) };
  expect(asPlain({ type: 'object', properties: { long } })).toBeUndefined();
});

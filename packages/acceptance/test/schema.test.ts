import { toMoonshotSchema } from '@throughline/anyfast';
import { checkSchema } from '@throughline/simulator';
import * as fc from 'fast-check';
import * as z from 'zod';
import { expect, it } from 'vitest';

/** Any schema that zod's constructs make, and that has a JSON Schema. */
const { schema: anySchema } = fc.letrec<{ schema: z.ZodType; leaf: z.ZodType }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<z.ZodType>(
      z.string(),
      z.string().min(1).max(20).regex(/^\w+$/),
      z.email(),
      z.iso.datetime(),
      z.number().positive().multipleOf(0.5),
      z.int().min(-5).max(5),
      z.boolean(),
      z.null(),
      z.literal('only'),
      z.literal([1, 'two', null]),
      z.enum(['a', 'b', 'c']),
      z.unknown(),
      z.templateLiteral(['id-', z.number()]),
    ),
    fc.string({ minLength: 1, maxLength: 8 }).map((text) => z.string().describe(text)),
  ),
  schema: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    tie('leaf'),
    fc.dictionary(key(), tie('schema'), { maxKeys: 5 }).map((shape) => z.object(shape)),
    fc
      .dictionary(key(), tie('schema'), { maxKeys: 3 })
      .map((shape) => z.strictObject(shape).partial()),
    tie('schema').map((item) => z.array(item).min(1).max(9)),
    tie('schema').map((item) => z.record(z.string(), item)),
    fc.array(tie('schema'), { minLength: 1, maxLength: 4 }).map((items) => z.union(items)),
    fc
      .array(tie('schema'), { minLength: 1, maxLength: 3 })
      .map((items) => z.tuple(items as [z.ZodType])),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => z.intersection(a, b)),
    tie('schema').map((inner) => inner.nullable().describe('may be null')),
    tie('schema').map((inner) => inner.optional()),
    fc.dictionary(key(), tie('leaf'), { maxKeys: 2 }).map(tree),
    fc.uniqueArray(key(), { minLength: 1, maxLength: 3 }).map(discriminated),
  ),
}));

function key(): fc.Arbitrary<string> {
  // The reserved names are keywords of the endpoint's own validator.
  const odd = fc.constantFrom(
    '$ref',
    'anyOf',
    'required',
    'with space',
    'ünïcode',
    'type',
    'a.b',
    'a/b',
  );
  return fc.oneof(
    { weight: 8, arbitrary: fc.stringMatching(/^[a-z]{1,6}$/) },
    { weight: 1, arbitrary: odd },
  );
}

/** A tree that holds itself. */
function tree(shape: Record<string, z.ZodType>): z.ZodType {
  const node: z.ZodType = z.object({
    ...shape,
    get children() {
      return z.array(node);
    },
  });
  return node;
}

function discriminated(names: readonly string[]): z.ZodType {
  const options = names.map((name, at) =>
    z.object({ kind: z.literal(name), [`of${at}`]: z.number() }),
  );
  return z.discriminatedUnion('kind', options as [(typeof options)[number]]);
}

it('compiles whatever zod can say into something the endpoint’s own rules accept', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key(), anySchema, { maxKeys: 5 }), async (shape) => {
      const json = z.toJSONSchema(z.object(shape), { io: 'input', unrepresentable: 'any' });
      const { schema } = await toMoonshotSchema(json);
      expect(checkSchema(schema)).toBeUndefined();
      expect(untyped(schema)).toEqual([]);
    }),
    { numRuns: process.env['THROUGHLINE_SOAK'] === undefined ? 300 : 10_000 },
  );
});

it('compiles a schema that is thirty deep', async () => {
  let deep: z.ZodType = z.string();
  for (let depth = 0; depth < 30; depth++) deep = z.object({ inner: deep });
  const { schema } = await toMoonshotSchema(z.toJSONSchema(z.object({ deep })));
  expect(checkSchema(schema)).toBeUndefined();
});

/** Subschemas that do not say what they are; documentation and older servers refuse those. */
function untyped(schema: unknown, path = ''): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, anyOf, $ref, properties, items, additionalProperties, $defs } = schema as Record<
    string,
    unknown
  >;
  const said = type !== undefined || anyOf !== undefined || $ref !== undefined;
  const inner = [
    ...Object.entries((properties ?? {}) as object),
    ...Object.entries(($defs ?? {}) as object),
    ...((anyOf ?? []) as unknown[]).map((branch, at) => [`${at}`, branch] as const),
    ['items', items] as const,
    ['additionalProperties', additionalProperties] as const,
  ];
  return [
    ...(said ? [] : [path || 'root']),
    ...inner.flatMap(([name, one]) => untyped(one, `${path}.${name}`)),
  ];
}

import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import * as z3 from 'zod3';
import { Agent, tool } from '../../../src/index.ts';
import { compileSchema } from '../../../src/tool/schema/schema.ts';
import type { SchemaSource, StandardSchema } from '../../../src/tool/schema/schema.ts';
import { fakeModel } from '../../support/model.ts';

const subject = 'The input schema of tool "x"';
const compile = (source: SchemaSource) => compileSchema(source, subject, 'object');

const optional = { extra: 'x' };
const json = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2, description: 'Who.' },
    tags: {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    },
  },
  required: ['name'],
} as const;

/** A schema of a library that is not zod, with or without a description of itself. */
function other(describes: boolean): StandardSchema<{ name: string }> {
  return {
    '~standard': {
      version: 1,
      vendor: 'other',
      validate: async (value) =>
        typeof (value as { name?: unknown }).name === 'string'
          ? { value: { name: (value as { name: string }).name } }
          : { issues: [{ message: 'is no name', path: [{ key: 'name' }] }] },
      ...(describes
        ? {
            jsonSchema: {
              input: ({ target }: { target: string }) => ({ ...json, $comment: target }),
            },
          }
        : {}),
    },
  };
}

const four = z.object({
  name: z.string().min(2).describe('Who.'),
  tags: z.array(z.object({ n: z.number() })).optional(),
});
const small = mini.object({
  name: mini.string().check(mini.minLength(2), mini.describe('Who.')),
  tags: mini.optional(mini.array(mini.object({ n: mini.number() }))),
});
const three = z3.object({
  name: z3.string().min(2).describe('Who.'),
  tags: z3.array(z3.object({ n: z3.number() })).optional(),
});

describe.each<[string, SchemaSource]>([
  ['zod 4', four],
  ['zod/mini', small],
  ['zod 3', three],
  ['JSON Schema', json],
])('a schema of %s', (_name, source) => {
  it('is told to the model with its keys and descriptions', async () => {
    const told = await compile(source).describe();
    expect(told).toMatchObject({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 2, description: 'Who.' },
        tags: { type: 'array' },
      },
      required: ['name'],
    });
  });

  it('accepts what fits', async () => {
    const value = { name: 'Ada', tags: [{ n: 1 }] };
    expect(await compile(source).parse(value)).toEqual({ value });
  });

  it('names every place that does not fit', async () => {
    const parsed = await compile(source).parse({ name: 'A', tags: [{ n: 1 }, { n: 'x' }, {}] });
    const paths = parsed.issues?.map(({ path }) => path);
    expect(paths).toContain('name');
    expect(paths).toContain('tags[1].n');
    expect(paths?.some((path) => path.startsWith('tags[2]'))).toBe(true);
  });
});

describe('a schema of another library', () => {
  it('that describes itself is told as it says, and checked by itself', async () => {
    const schema = compile(other(true));
    expect(await schema.describe()).toMatchObject({ ...json, $comment: 'draft-2020-12' });
    expect(await schema.parse({ name: 'Ada', ...optional })).toEqual({ value: { name: 'Ada' } });
    expect(await schema.parse({})).toEqual({ issues: [{ path: 'name', message: 'is no name' }] });
  });

  it.each<[string, SchemaSource]>([
    ['arktype', type({ name: 'string', 'tags?': 'string[]' })],
    [
      'valibot, wrapped',
      toStandardJsonSchema(v.object({ name: v.string(), tags: v.optional(v.array(v.string())) })),
    ],
  ])('works as it is: %s', async (_name, source) => {
    const schema = compile(source);
    expect(await schema.describe()).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
      required: ['name'],
    });
    expect(await schema.parse({ name: 'Ada' })).toEqual({ value: { name: 'Ada' } });
    expect(await schema.parse({ name: 'Ada', tags: ['x', 1] })).toMatchObject({
      issues: [{ path: 'tags[1]' }],
    });
  });

  it('is refused with the way out where there is one: valibot, bare', async () => {
    await expect(compile(v.object({ name: v.string() })).describe()).rejects.toMatchObject({
      code: 'invalid_schema',
      message: expect.stringMatching(
        /comes from "valibot".*toStandardJsonSchema\(\) of @valibot\/to-json-schema/,
      ),
    });
  });

  it('that cannot is refused in words', async () => {
    await expect(compile(other(false)).describe()).rejects.toMatchObject({
      code: 'invalid_schema',
      message: expect.stringMatching(
        /comes from "other", which cannot describe itself as JSON Schema/,
      ),
    });
  });
});

describe('transforms, defaults and refinements count', () => {
  it.each<[string, SchemaSource]>([
    [
      'zod 4',
      z.object({ day: z.string().transform((day) => day.length), n: z.number().default(3) }),
    ],
    [
      'zod/mini',
      mini.object({
        day: mini.pipe(
          mini.string(),
          mini.transform((day: string) => day.length),
        ),
        n: mini.prefault(mini.number(), 3),
      }),
    ],
    [
      'zod 3',
      z3.object({ day: z3.string().transform((day) => day.length), n: z3.number().default(3) }),
    ],
  ])('in %s', async (_name, source) => {
    const schema = compile(source);
    expect(await schema.parse({ day: 'today' })).toEqual({ value: { day: 5, n: 3 } });
    expect(await schema.describe()).toMatchObject({ properties: { day: { type: 'string' } } });
    expect(((await schema.describe())['required'] as string[]).includes('n')).toBe(false);
  });

  it.each<[string, SchemaSource]>([
    ['zod 4', z.object({ n: z.number().refine(async (n) => n > 1, 'too small') })],
    [
      'zod/mini',
      mini.object({ n: mini.number().check(mini.refine(async (n: number) => n > 1, 'too small')) }),
    ],
    ['zod 3', z3.object({ n: z3.number().refine(async (n) => n > 1, 'too small') })],
  ])('asynchronously, in %s', async (_name, source) => {
    const schema = compile(source);
    expect(await schema.parse({ n: 2 })).toEqual({ value: { n: 2 } });
    expect(await schema.parse({ n: 1 })).toEqual({ issues: [{ path: 'n', message: 'too small' }] });
  });
});

describe('what cannot be told is refused in words', () => {
  const made = { major: 4, minor: 0, patch: 0 };
  const old = {
    _zod: { version: made },
    '~standard': { version: 1, vendor: 'zod', validate: () => ({ value: {} }) },
  } as unknown as SchemaSource;
  it.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /is undefined; give a zod schema or a JSON Schema/],
    ['a text', 'string', /is "string"; give a zod schema/],
    [
      'a root that is text',
      z.string(),
      /must be an object at its root, not "string".*z\.object\(\{ value: … \}\)/,
    ],
    ['a root that is a list', z.array(z.string()), /must be an object at its root, not "array"/],
    [
      'a root that is one of several',
      z.union([z.object({}), z.string()]),
      /must be an object at its root, not "anyOf"/,
    ],
    [
      'a JSON Schema without a type',
      { properties: {} },
      /must be an object at its root, not "properties"/,
    ],
    [
      'what JSON has no word for',
      z.object({ at: z.date() }),
      /cannot be described as JSON Schema: its field "at" is a date/,
    ],
    [
      'a BigInt',
      z.object({ n: z.bigint() }),
      /cannot be described as JSON Schema: its field "n" is a bigint/,
    ],
    [
      'a JSON Schema with a reference to nowhere',
      { type: 'object', properties: { a: { $ref: '#/$defs/none' } } },
      /cannot be described as JSON Schema/,
    ],
    [
      'a JSON Schema with a broken pattern',
      { type: 'object', properties: { a: { pattern: '(' } } },
      /cannot be described as JSON Schema: Invalid regular/,
    ],
    [
      'a schema that throws when it is looked at',
      Object.defineProperty({}, '~standard', {
        get: () => {
          throw new Error('trap');
        },
      }),
      /cannot be described as JSON Schema: trap/,
    ],
    [
      'zod 4.0, which cannot describe itself',
      old,
      /was made by zod 4\.0\.0, .* would lose its descriptions; use zod 4\.2 or later/,
    ],
    ['zod 3 with a root that is text', z3.string(), /must be an object at its root/],
    ['zod/mini with a root that is text', mini.string(), /must be an object at its root/],
  ])('%s', async (_name, source, words) => {
    const refused = expect.objectContaining({
      code: 'invalid_schema',
      message: expect.stringMatching(words),
    });
    let caught: unknown;
    try {
      await compile(source as SchemaSource).describe();
    } catch (error) {
      caught = error;
    }
    expect(caught).toEqual(refused);
    expect(String(caught)).toContain(subject);
  });

  it('a describer that would lose keys without a word', async () => {
    const liar = { ...other(true), shape: { name: 1, secret: 2 } };
    expect(() => compile(liar)).toThrow(/would lose "secret" when told to the model/);
  });

  it('at the latest when the run begins, before the model is asked', async () => {
    const lazy = tool({
      name: 'x',
      description: 'X.',
      inputSchema: z3.string() as never,
      execute: () => 1,
    });
    const model = fakeModel({ text: 'ok' });
    await expect(new Agent({ model, tools: [lazy] }).run('go')).rejects.toMatchObject({
      code: 'invalid_schema',
    });
    expect(model.requests).toHaveLength(0);
  });
});

describe('a plain JSON Schema', () => {
  it('of draft 07 is understood', async () => {
    const schema = compile({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      definitions: { id: { type: 'integer' } },
      properties: { id: { $ref: '#/definitions/id' } },
    });
    expect(await schema.parse({ id: 1 })).toEqual({ value: { id: 1 } });
    expect(await schema.parse({ id: 'x' })).toMatchObject({ issues: [{ path: 'id' }] });
  });

  it('says which keys are missing or too many', async () => {
    const schema = compile({ ...json, additionalProperties: false });
    expect(await schema.parse({ 'a/b~c': 1 })).toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringMatching(/name/) }),
        expect.objectContaining({ path: 'a/b~c' }),
      ]),
    });
  });

  it('is not fooled by a key named __proto__', async () => {
    const value = JSON.parse('{"__proto__":{"name":"Ada"}}') as unknown;
    expect(await compile(json).parse(value)).toHaveProperty('issues');
    const schema = compile({ type: 'object', additionalProperties: false });
    expect(await schema.parse(value)).toMatchObject({ issues: [{ path: '__proto__' }] });
  });

  it('may be frozen, and is told as it was given', async () => {
    const frozen = Object.freeze({
      type: 'object',
      properties: Object.freeze({ a: Object.freeze({ $ref: '#/$defs/a' }) }),
      $defs: Object.freeze({ a: Object.freeze({ type: 'string' }) }),
    });
    const schema = compile(frozen);
    expect(await schema.describe()).toBe(frozen);
    expect(await schema.parse({ a: 1 })).toMatchObject({ issues: [{ path: 'a' }] });
  });
});

describe('a JSON Schema in the words of an older draft, of OpenAPI 3.0 or of Go', () => {
  const field = (schema: object) => ({ type: 'object', properties: { a: schema } });

  it.each<[string, object, readonly unknown[], readonly unknown[]]>([
    ['exclusiveMaximum: false', { type: 'number', maximum: 5, exclusiveMaximum: false }, [5], [6]],
    ['exclusiveMaximum: true', { type: 'number', maximum: 5, exclusiveMaximum: true }, [4], [5]],
    ['exclusiveMinimum: true', { type: 'number', minimum: 5, exclusiveMinimum: true }, [6], [5]],
    ['exclusiveMinimum: 5', { type: 'number', exclusiveMinimum: 5 }, [6], [5]],
    ['required: null', { type: 'object', required: null, properties: null }, [{}, { b: 1 }], [1]],
    ['maxLength: null', { type: 'string', maxLength: null, pattern: null }, ['abc'], [1]],
    ['nullable: true', { type: 'string', nullable: true }, [null, 'x'], [1]],
    [
      'nullable: true with an enum',
      { type: 'string', enum: ['x'], nullable: true },
      [null, 'x'],
      ['y'],
    ],
    [
      'nullable: true with a union',
      { nullable: true, anyOf: [{ type: 'string' }] },
      [null, 'x'],
      [1],
    ],
    ['nullable: false', { type: 'string', nullable: false }, ['x'], [null]],
    ['const: null', { const: null }, [null], ['x']],
    ['enum with null', { enum: [null, 'x'] }, [null, 'x'], ['y']],
    [
      'a null deep inside',
      { type: 'array', items: { type: 'string', maxLength: null } },
      [['x']],
      [[1]],
    ],
  ])('is read as meant: %s', async (_name, schema, fits, misfits) => {
    const compiled = compile(field(schema));
    for (const a of fits) expect(await compiled.parse({ a })).toEqual({ value: { a } });
    for (const a of misfits) expect((await compiled.parse({ a })).issues).not.toEqual([]);
    for (const a of misfits) expect((await compiled.parse({ a })).issues).toBeDefined();
    expect(JSON.stringify(await compiled.describe())).not.toMatch(
      /nullable|Length":null|required":null/,
    );
  });

  it('is passed on as it is where there is nothing to read', async () => {
    const plain = field({ type: 'string', maxLength: 5, default: null });
    expect(await compile(plain).describe()).toBe(plain);
  });
});

describe('a pattern', () => {
  it.each([
    [String.raw`^https\:\/\/`, ['https://a'], ['http://a']],
    [String.raw`^[\w-.]+$`, ['a-b.c'], ['a b']],
    [String.raw`^[.-\w]+$`, ['a.b-c'], ['a b']],
    [String.raw`^\@[a-z]\_{2}$`, ['@a__'], ['@a_']],
    [String.raw`^{"a"}]$`, ['{"a"}]'], ['a']],
    [String.raw`^a{2,3}$`, ['aa'], ['a']],
    [String.raw`^\p{L}+$`, ['ä'], ['1']],
    [String.raw`^[\-\]]\-$`, ['--', ']-'], ['a-']],
  ])('is read though the validator takes it otherwise: %s', async (pattern, fits, misfits) => {
    const properties = { a: { type: 'string', pattern } };
    const named = { type: 'object', patternProperties: { [pattern]: { type: 'number' } } };
    const compiled = compile({ type: 'object', properties });
    for (const a of fits) {
      expect(await compiled.parse({ a })).toEqual({ value: { a } });
      expect((await compile(named).parse({ [a]: 'x' })).issues).toBeDefined();
    }
    for (const a of misfits) {
      expect((await compiled.parse({ a })).issues).toBeDefined();
      expect((await compile(named).parse({ [a]: 'x' })).issues).toBeUndefined();
    }
    expect(await compiled.describe()).toMatchObject({ properties });
  });

  it('that no engine takes fails the run for a tool of the host, and costs that tool alone for one of a toolkit', async () => {
    const odd = tool({
      name: 'odd',
      description: 'Odd.',
      inputSchema: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      execute: () => 1,
    });
    const fine = tool({
      name: 'fine',
      description: 'Fine.',
      inputSchema: z.object({}),
      execute: () => 1,
    });
    await expect(
      new Agent({ model: fakeModel({ text: 'x' }), tools: [odd] }).run('go'),
    ).rejects.toMatchObject({ code: 'invalid_schema' });
    const model = fakeModel(
      {
        calls: [
          ['fine', {}],
          ['odd', { a: 'x' }],
        ],
      },
      { text: 'done' },
    );
    const kit = { name: 'kit', tools: [odd, fine] };
    const warnings: string[] = [];
    const run = new Agent({ model, tools: [kit] }).stream('go');
    run.on('warning', ({ message }) => warnings.push(message));
    const { messages } = await run.result;
    expect(model.requests[0]?.tools.map(({ name }) => name)).toEqual(['fine']);
    expect(warnings).toEqual([
      expect.stringMatching(/^The tool "odd" is left out: The input schema of tool "odd"/),
    ]);
    expect(messages[3]?.content).toMatch(/did not run/);
  });
});

describe('what JSON Schema cannot say is refused with the field and what to write instead', () => {
  it.each<[string, object, RegExp]>([
    [
      'a date',
      z.object({ from: z.date() }),
      /its field "from" is a date.* Write z[.]iso[.]datetime\(\)/,
    ],
    [
      'a date deep inside',
      z.object({ days: z.array(z.object({ on: z.date().optional() })) }),
      /its field "days[.]on" is a date/,
    ],
    [
      'a map',
      z.object({ by: z.map(z.string(), z.number()) }),
      /its field "by" is a map.* Write z[.]record/,
    ],
    ['a set', z.object({ of: z.set(z.string()) }), /its field "of" is a set.* Write z[.]array/],
    ['a bigint', z.object({ n: z.bigint() }), /its field "n" is a bigint.* Write z[.]string\(\)/],
    [
      'a reference at the root',
      { $ref: '#/$defs/A', $defs: { A: { type: 'object' } } },
      /is only a reference at its root \("#[/][$]defs[/]A"\)/,
    ],
    [
      'a zod before 3.24',
      { _def: { typeName: 'ZodObject' }, safeParse: () => 1 },
      /was made by a zod that is too old[.] Update zod/,
    ],
  ])('%s', (_name, schema, words) => {
    expect(() => compile(schema as SchemaSource)).toThrow(words);
  });
});

describe('arguments of any size', () => {
  it('are checked for items that stand twice up to a bound, and refused in words above it', async () => {
    const list = { type: 'array', uniqueItems: true, items: { type: 'object' } };
    const compiled = compile({ type: 'object', properties: { a: list } });
    const items = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
    expect(await compiled.parse({ a: items(2_000) })).toHaveProperty('value');
    expect((await compiled.parse({ a: [...items(3), { n: 1 }] })).issues).toBeDefined();
    expect(await compiled.parse({ a: items(20_000) })).toEqual({
      issues: [{ path: 'a', message: 'This list has 20000 items; at most 2000 can be compared.' }],
    });
  });

  const formats = [
    'date',
    'time',
    'date-time',
    'duration',
    'uri',
    'uri-reference',
    'uri-template',
    'url',
    'email',
    'hostname',
    'ipv4',
    'ipv6',
    'uuid',
    'json-pointer',
    'relative-json-pointer',
  ];
  it.each(formats)(
    'do not hold up the process by the format %s',
    async (format) => {
      const compiled = compile({ type: 'object', properties: { a: { type: 'string', format } } });
      const hostile = ['a', '1', 'a.', 'a-', '1:', '{a', '%41', ' ', '@', '/'].map((unit) =>
        unit.repeat(Math.floor(1_000_000 / unit.length)),
      );
      for (const text of hostile) {
        for (const a of [text, `http://${text}`, `${text}!`]) await compiled.parse({ a });
      }
    },
    20_000,
  );
});

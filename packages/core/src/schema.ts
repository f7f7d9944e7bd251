import { ThroughlineError } from './error.ts';
import type { JsonSchema } from './model.ts';
import type { Validate } from './schema-validator.ts';

/** The part of the Standard Schema interface that we use. zod 4, zod/mini, zod 3, valibot, arktype … have it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => StandardResult<Output> | PromiseLike<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?:
      | { readonly input: (options: { readonly target: 'draft-2020-12' }) => unknown }
      | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** As much of a Standard Schema as tells the compiler its types. To compare more of it costs the compiler dearly. */
export interface TypedSchema<Input = unknown, Output = unknown> {
  readonly '~standard': {
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What may be given as a schema: zod 4, zod/mini, zod 3, another Standard Schema, or a plain JSON Schema. */
export type SchemaSource = TypedSchema | JsonSchema;

/** What a schema gives `execute`: transforms and defaults applied. */
export type OutputOf<S> = S extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined };
}
  ? Output
  : Readonly<Record<string, unknown>>;

/** One thing that does not fit. `path` is like `items[2].name`, empty for the whole value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export type Parsed =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** A schema ready for use. */
export interface Schema {
  /** As JSON Schema. A promise only where a library must be loaded first (zod 3, zod/mini); it rejects with `invalid_schema`. */
  describe(): JsonSchema | Promise<JsonSchema>;
  parse(value: unknown): Parsed | Promise<Parsed>;
}

/**
 * Makes a schema ready. `subject` names its owner in errors, e.g. `The input schema of tool "add"`.
 * Throws `invalid_schema` for what cannot be described without losing something, and, where `root` is
 * `'object'`, for another root. For zod 3 and zod/mini that is found out in `describe()`.
 */
export function compileSchema(
  source: SchemaSource,
  subject: string,
  root: 'object' | 'any' = 'any',
): Schema {
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) {
    throw refuse(subject, `is ${String(source)}; give a zod schema or a JSON Schema`);
  }
  const check = (json: unknown): JsonSchema => {
    const schema = keepsItsKeys(source as ZodMarks, json as JsonSchema, subject);
    return root === 'object' ? hasObjectRoot(schema, subject) : schema;
  };
  if (isStandard(source)) return fromStandard(source, subject, check);
  return fromJsonSchema(check(source), subject);
}

/** Function calling knows objects only: a call's arguments are named. */
function hasObjectRoot(schema: JsonSchema, subject: string): JsonSchema {
  if (schema['type'] === 'object') return schema;
  const keyword = Object.keys(schema).find((key) => !key.startsWith('$'));
  const found = JSON.stringify(schema['type'] ?? keyword ?? 'anything');
  throw refuse(
    subject,
    `must be an object at its root, not ${found}: a call's arguments are named. Wrap it, e.g. z.object({ value: … })`,
  );
}

function isStandard(source: SchemaSource): source is StandardSchema {
  return '~standard' in source;
}

function fromStandard(
  source: StandardSchema,
  subject: string,
  check: (json: unknown) => JsonSchema,
): Schema {
  const standard = guarded(subject, () => source['~standard']);
  const parse = (value: unknown): Parsed | Promise<Parsed> => {
    const result = standard.validate(value);
    return 'then' in result ? Promise.resolve(result).then(toParsed) : toParsed(result);
  };
  if (standard.jsonSchema !== undefined) {
    const { input } = standard.jsonSchema;
    const json = guarded(subject, () => input({ target: 'draft-2020-12' }));
    const described = check(json);
    return { describe: () => described, parse };
  }
  let loading: Promise<JsonSchema> | undefined;
  return {
    describe: () => (loading ??= describeLazily(source, subject).then(check)),
    parse,
  };
}

/** zod's own marks: zod 4 carries `_zod`, zod 3 a `_def.typeName`. */
interface ZodMarks {
  readonly _zod?: { readonly version?: { major: number; minor: number; patch: number } };
  readonly _def?: { readonly typeName?: string };
  readonly shape?: object;
}

async function describeLazily(source: StandardSchema, subject: string): Promise<unknown> {
  const { _zod: zod4, _def: zod3 } = source as ZodMarks;
  if (zod4 !== undefined) return describeZod4(source, zod4.version, subject);
  if (zod3?.typeName !== undefined) {
    const { zodToJsonSchema } = await import('zod-to-json-schema');
    return guarded(subject, () =>
      zodToJsonSchema(source as unknown as Parameters<typeof zodToJsonSchema>[0], {
        target: 'jsonSchema2019-09',
        $refStrategy: 'root',
      }),
    );
  }
  throw refuse(
    subject,
    `comes from "${source['~standard'].vendor}", which cannot describe itself as JSON Schema; ` +
      'wrap it with that library’s own JSON Schema support, or give a plain JSON Schema',
  );
}

/** zod/mini, and zod 4 from before it could describe itself. Only the very same copy of zod knows its descriptions. */
async function describeZod4(
  source: StandardSchema,
  made: { major: number; minor: number; patch: number } | undefined,
  subject: string,
): Promise<unknown> {
  const core = await import('./schema-zod4.ts').catch((cause: unknown) => {
    throw refuse(subject, 'needs the package "zod" to be described; install zod 4.2 or later', {
      cause,
    });
  });
  const name = (v: typeof made) => (v ? `${v.major}.${v.minor}.${v.patch}` : 'unknown');
  if (name(made) !== name(core.version)) {
    throw refuse(
      subject,
      `was made by zod ${name(made)}, which cannot describe itself, and the zod ${name(core.version)} found here ` +
        'would lose its descriptions; use zod 4.2 or later (`import * as z from "zod"`)',
    );
  }
  return guarded(subject, () =>
    core.toJSONSchema(source as unknown as Parameters<typeof core.toJSONSchema>[0], {
      io: 'input',
    }),
  );
}

/** A describer that does not know the schema's library answers with an empty object; the model would see no parameter. */
function keepsItsKeys(source: ZodMarks, json: JsonSchema, subject: string): JsonSchema {
  const told = json['properties'] ?? {};
  const lost = Object.keys(source.shape ?? {}).filter((key) => !Object.hasOwn(told, key));
  if (lost.length === 0) return json;
  throw refuse(
    subject,
    `would lose ${lost.map((key) => `"${key}"`).join(', ')} when told to the model`,
  );
}

function fromJsonSchema(source: JsonSchema, subject: string): Schema {
  // The validator is a quarter of what core could load, and agents with zod schemas never need it.
  let loading: Promise<Validate> | undefined;
  const load = () =>
    (loading ??= import('./schema-validator.ts').then(({ validatorOf }) =>
      guarded(subject, () => validatorOf(source)),
    ));
  const text = guarded(subject, () => JSON.stringify(source));
  // Only these can be wrong in themselves.
  const isSafe = !/"(\$ref|pattern|patternProperties)":/.test(text);
  return {
    describe: () => (isSafe ? source : load().then(() => source)),
    parse: async (value) => {
      const { issues } = (await load())(value);
      if (issues === undefined) return { value };
      return { issues: issues.map(({ keys, message }) => ({ path: pathText(keys), message })) };
    },
  };
}

function toParsed(result: StandardResult<unknown>): Parsed {
  if (result.issues === undefined) return { value: result.value };
  return {
    issues: result.issues.map(({ message, path = [] }) => ({
      path: pathText(path.map((key) => (typeof key === 'object' ? key.key : key))),
      message,
    })),
  };
}

function pathText(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, at) => {
      if (/^\d+$/.test(String(key))) return `[${String(key)}]`;
      return at === 0 ? String(key) : `.${String(key)}`;
    })
    .join('');
}

/** Runs a foreign library's code; what it throws becomes `invalid_schema`. */
function guarded<T>(subject: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refuse(subject, `cannot be described as JSON Schema: ${why}`, { cause });
  }
}

function refuse(subject: string, why: string, options?: ErrorOptions): ThroughlineError {
  return new ThroughlineError('invalid_schema', `${subject} ${why}.`, options);
}

// tool/schema/ owns schemas, whatever library they come from: JSON Schema for the model, validation of what it wrote. It does
// not own what an invalid call means: calls/ does.

import { shown } from '../../base/check-options.ts';
import type { JsonSchema } from '../../base/model.ts';
import { checkShape } from './check-json-schema.ts';
import { inTodaysWords } from './older-drafts.ts';
import { guarded, refuse } from './refusal.ts';
import type { Validate } from './validator.ts';
import { zodAdvice } from './zod-advice.ts';

/** The part of the Standard Schema interface that we use. zod 4 and arktype have all of it; zod/mini, zod 3 and valibot no `jsonSchema`. */
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
    throw refuse(subject, `is ${shown(source)}; give a zod schema or a JSON Schema`);
  }
  const check = (json: unknown): JsonSchema => {
    const schema = keepsItsKeys(source as Shaped, json as JsonSchema, subject);
    return root === 'object' ? hasObjectRoot(schema, subject) : schema;
  };
  if (isStandard(source)) return fromStandard(source, subject, check);
  refuseOldZod(source, subject);
  return fromJsonSchema(check(source), subject);
}

/** Function calling knows objects only: a call's arguments are named. */
function hasObjectRoot(schema: JsonSchema, subject: string): JsonSchema {
  if (schema['type'] === 'object') return schema;
  const parts = Object.values(schema);
  if (parts.length > 0 && parts.every((part) => isObject(part) && '~standard' in part)) {
    throw refuse(subject, 'is a bare shape. Wrap it: z.object({ … })');
  }
  if (typeof schema['$ref'] === 'string') {
    throw refuse(
      subject,
      `is only a reference at its root (${shown(schema['$ref'])}). Put the object itself there; what it refers to may stay in $defs`,
    );
  }
  const keyword = Object.keys(schema).find((key) => !key.startsWith('$'));
  const found = shown(schema['type'] ?? keyword ?? 'a schema that says nothing');
  throw refuse(
    subject,
    `must be an object at its root, not ${found}: a call's arguments are named. Wrap it, e.g. z.object({ value: … })`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
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
  const parse = zodParse(source) ?? standardParse(standard.validate);
  if (standard.jsonSchema !== undefined) {
    const { input } = standard.jsonSchema;
    const json = guarded(
      subject,
      () => input({ target: 'draft-2020-12' }),
      () => zodAdvice(source),
    );
    const described = check(json);
    return { describe: () => described, parse };
  }
  let loading: Promise<JsonSchema> | undefined;
  return {
    describe: () => (loading ??= describeLate(source, subject).then(check)),
    parse,
  };
}

/**
 * zod's `validate` tries a schema without waiting and, where it turns out to be async, once more: its refinements run twice, and what
 * the first one rejects with is heard by nobody and ends the process.
 */
function zodParse(source: StandardSchema): Schema['parse'] | undefined {
  const { safeParseAsync } = source as Zod;
  if (source['~standard'].vendor !== 'zod' || typeof safeParseAsync !== 'function')
    return undefined;
  const read = ({ success, data, error }: ZodResult) =>
    toParsed(success ? { value: data } : { issues: error?.issues ?? [] });
  return (value) => safeParseAsync.call(source, value).then(read);
}

function standardParse(validate: StandardSchema['~standard']['validate']): Schema['parse'] {
  return (value) => {
    const result = validate(value);
    return 'then' in result ? Promise.resolve(result).then(toParsed) : toParsed(result);
  };
}

interface Zod {
  readonly safeParseAsync?: (value: unknown) => Promise<ZodResult>;
}

interface ZodResult {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: { readonly issues: readonly StandardIssue[] };
}

/** zod before 3.24 says nothing of itself that could be asked for. */
function refuseOldZod(source: object, subject: string): void {
  if (!('_def' in source) || !('safeParse' in source)) return;
  throw refuse(subject, 'was made by a zod that is too old. Update zod to 3.24 or later, or to 4');
}

/** For what does not describe itself. Few schemas need that, so it is loaded when one does. */
async function describeLate(source: StandardSchema, subject: string): Promise<unknown> {
  const { describeByLibrary } = await import('./library.ts');
  return describeByLibrary(source, subject);
}

/** zod carries the properties of an object as its shape. */
interface Shaped {
  readonly shape?: object;
}

/** A describer that does not know the schema's library answers with an empty object; the model would see no parameter. */
function keepsItsKeys(source: Shaped, json: JsonSchema, subject: string): JsonSchema {
  const told = json['properties'] ?? {};
  const lost = Object.keys(source.shape ?? {}).filter((key) => !Object.hasOwn(told, key));
  if (lost.length === 0) return json;
  throw refuse(
    subject,
    `would lose ${lost.map((key) => `"${key}"`).join(', ')} when told to the model`,
  );
}

function fromJsonSchema(given: JsonSchema, subject: string): Schema {
  const source = guarded(subject, () => inTodaysWords(given));
  // The validator is a quarter of what core could load, and agents with zod schemas never need it.
  let loading: Promise<Validate> | undefined;
  const load = () =>
    (loading ??= import('./validator.ts').then(({ validatorOf }) =>
      guarded(subject, () => validatorOf(source)),
    ));
  const text = guarded(subject, () => JSON.stringify(source));
  guarded(subject, () => checkShape(source));
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

import type { JsonObject } from './document.ts';
import type { Operation, Parameter } from './operation.ts';
import { cleaned, SchemaCopy } from './schema.ts';
import { refusal, shown } from './trouble.ts';

/** What the model writes for an operation. */
export interface Input {
  readonly schema: JsonObject;
  /** The parameter behind each argument. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** How many definitions were too many to be told. */
  readonly left: number;
}

/** The argument that holds the request body. */
export const bodyKey = 'body';

/** One argument for each parameter, and `body`. Where a name stands in two places, `_query` or such is added to both. */
export function inputOf(root: JsonObject, { parameters, body }: Operation): Input {
  const copy = new SchemaCopy(root);
  const named = new Map<string, Parameter>();
  const properties: [string, unknown][] = [];
  for (const parameter of parameters) {
    const twins = parameters.filter(({ name }) => name === parameter.name);
    const isTaken = twins.length > 1 || (body !== undefined && parameter.name === bodyKey);
    const key = isTaken ? `${parameter.name}_${parameter.in}` : parameter.name;
    if (named.has(key) || key === '__proto__' || key === '') {
      throw refusal(`no argument can be called ${shown(key)}.`);
    }
    named.set(key, parameter);
    properties.push([key, described(copy.copy(parameter.schema), parameter.description)]);
  }
  const required = [...named].filter(([, one]) => one.required).map(([key]) => key);
  if (body !== undefined) {
    properties.push([bodyKey, described(copy.copy(body.schema), body.description)]);
    if (body.required) required.push(bodyKey);
  }
  const definitions = copy.definitions();
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
  return { schema, parameters: named, left: copy.left };
}

function described(schema: JsonObject | boolean, description: string | undefined): unknown {
  if (description === undefined || typeof schema === 'boolean') return schema;
  // The words of the parameter stand nearer than those of its type, but a pattern is told by the type alone.
  const own = typeof schema['description'] === 'string' ? schema['description'] : '';
  const pattern = /\(pattern: .*\)$/.exec(own)?.[0] ?? '';
  return { ...schema, description: `${cleaned(description, 400)} ${pattern}`.trim() };
}

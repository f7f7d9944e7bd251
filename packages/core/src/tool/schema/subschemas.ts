import type { JsonSchema } from '../../base/model.ts';

/** The keywords that hold a schema, a list of them, or schemas by name. What else stands in a schema is not looked at. */
export const holdOne = [
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
];
export const holdList = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
export const holdNamed = [
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
];

/** The schema with `change` done to each schema in it, the innermost first. The same object where nothing changed. */
export function mapSubschemas(
  schema: JsonSchema,
  change: (node: JsonSchema) => JsonSchema,
): JsonSchema {
  const visit = (node: unknown): unknown => {
    if (!isPlain(node)) return node;
    let result: Readonly<Record<string, unknown>> = node;
    const put = (key: string, value: unknown) => {
      if (value !== result[key]) result = { ...result, [key]: value };
    };
    for (const key of [...holdOne, 'items']) if (isPlain(node[key])) put(key, visit(node[key]));
    for (const key of [...holdList, 'items']) {
      const list = node[key];
      if (Array.isArray(list)) put(key, same(list, list.map(visit)));
    }
    for (const key of holdNamed) {
      const named = node[key];
      if (!isPlain(named)) continue;
      const visited = Object.entries(named).map(([name, part]) => [name, visit(part)] as const);
      if (visited.some(([name, part]) => part !== named[name]))
        put(key, Object.fromEntries(visited));
    }
    return change(result);
  };
  return visit(schema) as JsonSchema;
}

function same(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.every((one, at) => one === after[at]) ? before : after;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { holdList, holdNamed, holdOne } from './subschemas.ts';

const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/**
 * Throws for a plain JSON Schema that no value could be checked against, and says where: a type that does not exist, a
 * subschema that is none. A validator would refuse every call for it, or fall over.
 */
export function checkShape(node: unknown, path = ''): void {
  const refuse = (reason: string) => {
    throw new Error(path === '' ? reason : `at ${path} ${reason}`);
  };
  if (typeof node === 'boolean') return;
  if (!isObject(node)) return refuse(`there is ${JSON.stringify(node)}, which is not a schema`);
  const { type, enum: values, items } = node;
  if ('type' in node && !isType(type)) refuse(`there is no type ${JSON.stringify(type)}`);
  if ('enum' in node && !Array.isArray(values))
    refuse(`enum is ${JSON.stringify(values)}, but it must be a list`);
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const key of holdOne) if (key in node) checkShape(node[key], at(key));
  if (Array.isArray(items)) for (const part of items) checkShape(part, at('items'));
  else if ('items' in node) checkShape(items, at('items'));
  for (const key of holdList) {
    const parts = node[key];
    if (!(key in node)) continue;
    if (!Array.isArray(parts))
      return refuse(`${key} is ${JSON.stringify(parts)}, but it must be a list`);
    for (const part of parts) checkShape(part, at(key));
  }
  for (const key of holdNamed) {
    const parts = node[key];
    if (!(key in node)) continue;
    if (!isObject(parts))
      return refuse(`${key} is ${JSON.stringify(parts)}, but it must be an object`);
    for (const [name, part] of Object.entries(parts)) checkShape(part, `${at(key)}.${name}`);
  }
}

function isType(type: unknown): boolean {
  const all: readonly unknown[] = Array.isArray(type) ? type : [type];
  return all.length > 0 && all.every((name) => types.includes(name as string));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { isObject, type JsonObject } from '../wire/json.ts';
import { printPath, type SchemaBreach } from './schema-rule.ts';

/**
 * Checks the references of a schema that has passed all other rules: each leads somewhere, stands
 * where it may, does not clash with what it leads to, and does not go on for ever.
 */
export function checkReferences(
  root: JsonObject,
  references: ReadonlySet<string>,
): SchemaBreach | undefined {
  for (const reference of references) {
    if (resolve(root, reference)) continue;
    return { path: 'root', reason: `invalid $ref path: ${reference}` };
  }
  const endless = !terminates(root, root, new Set());
  return walk(root, root, { path: [], required: endless });
}

/** How deep the definitions of a schema nest properties, by reference. */
export function definitionDepths(root: JsonObject): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const budget = { visits: 20_000 };
  const definitions = root['$defs'];
  if (!isObject(definitions)) return depths;
  for (const [name, definition] of Object.entries(definitions)) {
    if (!isObject(definition)) continue;
    const reference = `#/$defs/${name}`;
    depths.set(reference, depthOf(definition, { root, budget, seen: new Set([reference]) }));
  }
  return depths;
}

interface Descent {
  readonly root: JsonObject;
  readonly seen: ReadonlySet<string>;
  /** Definitions that all name one another have no end of paths: those beyond are not walked. */
  readonly budget: { visits: number };
}

function depthOf(schema: JsonObject, descent: Descent): number {
  const { root, seen, budget } = descent;
  budget.visits -= 1;
  if (budget.visits < 0) return 0;
  const below = (child: unknown, refs = seen): number =>
    isObject(child) ? depthOf(child, { root, budget, seen: refs }) : 0;
  let depth = 0;
  const { $ref: reference, properties, additionalProperties, anyOf } = schema;
  if (typeof reference === 'string' && !seen.has(reference)) {
    depth = below(resolve(root, reference), new Set([...seen, reference]));
  }
  for (const property of isObject(properties) ? Object.values(properties) : []) {
    depth = Math.max(depth, 1 + below(property));
  }
  for (const branch of Array.isArray(anyOf) ? anyOf : []) depth = Math.max(depth, below(branch));
  return Math.max(depth, below(additionalProperties));
}

function resolve(root: JsonObject, reference: string): JsonObject | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/$defs/')) return undefined;
  let current: JsonObject = root;
  for (const key of reference.slice(2).split('/')) {
    const next = current[key];
    if (!isObject(next)) return undefined;
    current = next;
  }
  return current;
}

/** Whether some finite value fits, as the validator sees it: it lets no empty array end a chain. */
function terminates(schema: JsonObject, root: JsonObject, seen: Set<string>): boolean {
  if (Object.keys(schema).length === 0) return true;
  const { $ref: reference, anyOf, items, required, properties } = schema;
  const types: readonly unknown[] = [schema['type']].flat();
  if (types.some((type) => type !== undefined && type !== 'object' && type !== 'array')) {
    return true;
  }
  if (types.includes('array')) {
    if (!isObject(items)) return true;
    if (terminates(items, root, seen)) return true;
  }
  if (types.includes('object')) {
    if (!Array.isArray(required) || required.length === 0 || !isObject(properties)) return true;
    const needed = required.map((name) => properties[name]).filter(isObject);
    if (needed.some((property) => terminates(property, root, seen))) return true;
  }
  for (const branch of Array.isArray(anyOf) ? anyOf.filter(isObject) : []) {
    if (terminates(branch, root, new Set(seen))) return true;
  }
  if (typeof reference !== 'string' || seen.has(reference)) return false;
  seen.add(reference);
  const target = resolve(root, reference);
  return target !== undefined && terminates(target, root, seen);
}

interface Place {
  readonly path: readonly string[];
  /** Whether a value must be here, so that endless recursion cannot be stepped around. */
  readonly required: boolean;
}

function walk(schema: JsonObject, root: JsonObject, place: Place): SchemaBreach | undefined {
  const { path, required } = place;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = resolve(root, reference);
    const reason = target
      ? (clash(schema, expand(target, root)) ?? misplaced(path) ?? endless(target, root, required))
      : 'only local references are supported';
    if (reason) return { path: printPath(path), reason };
  }
  const needed = schema['required'];
  for (const [key, child] of Object.entries(schema)) {
    const where = [...path, key];
    if (key === 'anyOf' && Array.isArray(child)) {
      for (const branch of child.filter(isObject)) {
        const breach = walk(branch, root, { path: where, required });
        if (breach) return breach;
      }
    }
    if (key === '$defs' || !isObject(child)) continue;
    const optional =
      key === 'additionalProperties' ||
      (key === 'properties' && !(Array.isArray(needed) && needed.length > 0));
    const breach = walk(child, root, { path: where, required: required && !optional });
    if (breach) return breach;
  }
  return undefined;
}

const common = ['description', 'title'];

/** What a reference leads to, through references that say nothing else. */
function expand(target: JsonObject, root: JsonObject): JsonObject {
  const seen = new Set<string>();
  let current = target;
  let kept: JsonObject = {};
  for (;;) {
    const { $ref: reference, ...rest } = current;
    const bare = Object.keys(rest).every((key) => common.includes(key));
    if (typeof reference !== 'string' || !bare || seen.has(reference)) break;
    const next = resolve(root, reference);
    if (!next) break;
    seen.add(reference);
    kept = { ...kept, ...rest };
    current = next;
  }
  return { ...current, ...kept };
}

function clash(schema: JsonObject, target: JsonObject): string | undefined {
  const own = Object.keys(schema).filter((key) => key !== '$ref');
  const both = own.filter((key) => key in target);
  if (both.length > 0) {
    return `conflicting keywords found after $ref expansion: ${both.sort().join(', ')}`;
  }
  if ('type' in target && 'anyOf' in schema) {
    return 'invalid schema after $ref expansion: (when using anyOf, type should be defined in anyOf items instead of the parent schema)';
  }
  const branches = Array.isArray(target['anyOf']) ? target['anyOf'].filter(isObject) : [];
  for (const branch of branches) {
    const inside = own.filter((key) => key in branch && !common.includes(key));
    if (inside.length === 0) continue;
    return `conflicting keywords found in anyOf after ref expansion: ${inside.sort().join(', ')}`;
  }
  return undefined;
}

function misplaced(path: readonly string[]): string | undefined {
  const parents = ['additionalProperties', 'anyOf', 'items'];
  if (path.length <= 1 || parents.includes(path.at(-1) ?? '')) return undefined;
  return path.at(-2) === 'properties' ? undefined : '$ref is not allowed in this schema.';
}

function endless(target: JsonObject, root: JsonObject, required: boolean): string | undefined {
  if (!required || terminates(target, root, new Set())) return undefined;
  return 'detected infinite recursion without termination condition';
}

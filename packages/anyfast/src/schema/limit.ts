import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

const defsPrefix = '#/$defs/';

/** How many levels of properties a compiled schema has, those behind references included once. */
export function depthOf(root: JsonObject): number {
  const known = new Map<string, number>();
  const behind = (ref: string): number => {
    const depth = known.get(ref);
    if (depth !== undefined) return depth;
    known.set(ref, 0);
    const target = targetOf(root, ref);
    known.set(ref, target === undefined || ref === '#' ? 0 : depthIn(target, behind));
    return known.get(ref) ?? 0;
  };
  const inDefs = defsOf(root).map(([, def]) => depthIn(def, behind));
  return Math.max(depthIn(root, behind), ...inDefs);
}

function depthIn(node: JsonObject, behind: (ref: string) => number): number {
  let depth = typeof node['$ref'] === 'string' ? behind(node['$ref']) : 0;
  for (const child of propertiesOf(node)) depth = Math.max(depth, 1 + depthIn(child, behind));
  for (const child of othersOf(node)) depth = Math.max(depth, depthIn(child, behind));
  return depth;
}

/** How many properties all objects of a compiled schema have together. */
export function countProperties(node: JsonObject): number {
  const children = [
    ...propertiesOf(node),
    ...othersOf(node),
    ...defsOf(node).map(([, def]) => def),
  ];
  return children.reduce((sum, child) => sum + countProperties(child), propertiesOf(node).length);
}

/**
 * Drops `required` from objects that could only be written without end, which the endpoint refuses. Its rule,
 * which this follows, asks of an object that at least one required property can end, and of a list its items.
 */
export function letEnd(root: JsonObject, onDrop: (path: string) => void): JsonObject {
  const ends = (node: JsonObject): boolean => canEnd(node, root, new Set());
  const defs = defsOf(root).map(([name, def]) => {
    if (ends(def) || def['required'] === undefined) return [name, def] as const;
    onDrop(`$defs.${name}`);
    const { required: _, ...open } = def;
    return [name, open] as const;
  });
  const whole = defs.length === 0 ? root : { ...root, $defs: Object.fromEntries(defs) };
  if (canEnd(whole, whole, new Set())) return whole;
  onDrop('root');
  const { required: _, ...open } = whole;
  return open;
}

function canEnd(node: JsonObject, root: JsonObject, seen: ReadonlySet<string>): boolean {
  const { type, items, required, anyOf, $ref: ref } = node;
  if (typeof ref === 'string') {
    const target = targetOf(root, ref);
    return !seen.has(ref) && target !== undefined && canEnd(target, root, new Set([...seen, ref]));
  }
  if (Array.isArray(anyOf)) return anyOf.some((one) => isObject(one) && canEnd(one, root, seen));
  if (type === 'array') return !isObject(items) || canEnd(items, root, seen);
  if (type !== 'object' || !Array.isArray(required) || required.length === 0) return true;
  const { properties } = node;
  return required.some((name: unknown) => {
    const child = isObject(properties) ? properties[String(name)] : undefined;
    return !isObject(child) || canEnd(child, root, seen);
  });
}

function targetOf(root: JsonObject, ref: string): JsonObject | undefined {
  if (ref === '#') return root;
  const defs = root['$defs'];
  const target = isObject(defs) ? defs[ref.slice(defsPrefix.length)] : undefined;
  return isObject(target) ? target : undefined;
}

function defsOf(node: JsonObject): readonly (readonly [string, JsonObject])[] {
  const defs = node['$defs'];
  if (!isObject(defs)) return [];
  return Object.entries(defs).flatMap(([name, def]) =>
    isObject(def) ? [[name, def] as const] : [],
  );
}

function propertiesOf(node: JsonObject): readonly JsonObject[] {
  return isObject(node['properties']) ? Object.values(node['properties']).filter(isObject) : [];
}

function othersOf(node: JsonObject): readonly JsonObject[] {
  const { items, additionalProperties, anyOf } = node;
  const union: readonly unknown[] = Array.isArray(anyOf) ? anyOf : [];
  return [items, additionalProperties, ...union].filter(isObject);
}

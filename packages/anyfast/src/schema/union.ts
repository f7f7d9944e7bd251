import type { JsonObject } from '../wire/json.ts';
import { isSame } from './merge.ts';

/** The types of a value of which nothing is known. */
const anyTypes = ['object', 'array', 'string', 'number', 'boolean', 'null'];
/** The documented limit; today's validator takes more. */
const mostBranches = 10;

/** A schema that takes anything, with its types said. */
export function anything(description: string | undefined): JsonObject {
  return described({ type: anyTypes }, description);
}

export function isAnything({ type }: JsonObject): boolean {
  return Array.isArray(type) && type.length === anyTypes.length;
}

export function described(node: JsonObject, description: string | undefined): JsonObject {
  return description === undefined ? node : { ...node, description };
}

/**
 * One compiled schema for several: without doubles, with the values of plain enums together, and without a union
 * where one branch or a list of types says the same. More branches than the limit are grouped, which loses nothing.
 */
export function unite(branches: readonly JsonObject[], description?: string): JsonObject {
  const flat = branches.flatMap(spliced);
  const any = flat.find(isAnything);
  if (any !== undefined) return described(any, description);
  const distinct = joinEnums(withoutDoubles(flat), flat.length > mostBranches);
  const [first] = distinct;
  if (distinct.length === 1 && first !== undefined) return described(first, description);
  const types = distinct.map(bareType);
  if (distinct.length > 1 && !types.includes(undefined))
    return described({ type: types }, description);
  return described({ anyOf: grouped(distinct) }, description);
}

/** The branches of a union that says nothing else. */
function spliced(branch: JsonObject): readonly JsonObject[] {
  const { anyOf, type, ...rest } = branch;
  if (Object.keys(rest).length > 0) return [branch];
  if (Array.isArray(anyOf)) return anyOf;
  if (Array.isArray(type) && !isAnything(branch))
    return type.map((one: unknown) => ({ type: one }));
  return [branch];
}

function withoutDoubles(branches: readonly JsonObject[]): readonly JsonObject[] {
  const kept: JsonObject[] = [];
  for (const branch of branches) {
    const covered =
      branch['type'] === 'integer' && branches.some((one) => bareType(one) === 'number');
    if (covered && bareType(branch) !== undefined) continue;
    if (!kept.some((one) => isSame(one, branch))) kept.push(branch);
  }
  return kept;
}

/** Puts the values of enums of one type into one; described values only where there is no room for each. */
function joinEnums(branches: readonly JsonObject[], crowded: boolean): readonly JsonObject[] {
  const joined: JsonObject[] = [];
  for (const branch of branches) {
    const plain = Object.keys(branch).every(
      (key) => key === 'type' || key === 'enum' || (crowded && key === 'description'),
    );
    const at = joined.findIndex((one) => one['type'] === branch['type'] && isPlainEnum(one));
    const earlier = joined[at];
    if (!plain || !Array.isArray(branch['enum']) || earlier === undefined) {
      const { description: _, ...bare } = branch;
      joined.push(plain && crowded && Array.isArray(branch['enum']) ? bare : branch);
      continue;
    }
    const values: unknown[] = Array.isArray(earlier['enum']) ? earlier['enum'] : [];
    joined[at] = { ...earlier, enum: [...new Set([...values, ...branch['enum']])] };
  }
  return joined;
}

function isPlainEnum(node: JsonObject): boolean {
  return Array.isArray(node['enum']) && Object.keys(node).length === 2;
}

/** The type of a schema that says nothing but its type. */
function bareType(node: JsonObject): string | undefined {
  return Object.keys(node).length === 1 && typeof node['type'] === 'string'
    ? node['type']
    : undefined;
}

function grouped(branches: readonly JsonObject[]): readonly JsonObject[] {
  if (branches.length <= mostBranches) return branches;
  const size = Math.ceil(branches.length / mostBranches);
  const groups: JsonObject[] = [];
  for (let at = 0; at < branches.length; at += size) {
    const group = branches.slice(at, at + size);
    const [only] = group;
    groups.push(group.length === 1 && only !== undefined ? only : { anyOf: grouped(group) });
  }
  return groups;
}

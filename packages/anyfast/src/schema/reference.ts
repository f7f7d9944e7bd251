import { ThroughlineError } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';

/** Keys under which no subschemas stand, so a `$ref` there is a value. */
const values = new Set(['const', 'enum', 'default', 'examples']);
/** Beyond this many copied subschemas a definition is shared instead. */
const mostCopied = 400;
/** References that refer in a circle and say nothing. */
const mostHops = 20;

/** The references of one schema: where they point, and which must stay references. */
export class References {
  readonly #root: JsonObject;
  readonly #anchors = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  readonly #weights = new Map<string, number>();
  readonly #alias: string | undefined;

  constructor(root: JsonObject) {
    this.#root = root;
    walk(root, '#', (node, pointer) => {
      if (typeof node['$dynamicRef'] === 'string') {
        const told = `its schema has a $dynamicRef ("${node['$dynamicRef'].slice(0, 80)}" at ${pointer}), which the endpoint does not support: write a $ref.`;
        throw new ThroughlineError('invalid_schema', told);
      }
      if (typeof node['$anchor'] === 'string') this.#anchors.set(`#${node['$anchor']}`, pointer);
      if (typeof node['$id'] === 'string') this.#anchors.set(node['$id'], pointer);
      const ref = refOf(node);
      if (ref !== undefined) this.#uses.set(ref, (this.#uses.get(ref) ?? 0) + 1);
    });
    const top = refOf(root);
    this.#alias = top === undefined ? undefined : this.pointerOf(top);
  }

  /**
   * Where a reference points in the end, as a JSON pointer: a subschema that only refers is passed over, and a
   * root that only refers is that other place. Undefined when there is nothing.
   */
  pointerOf(ref: string, hops = 0): string | undefined {
    const id = this.#root['$id'];
    const local = typeof id === 'string' && ref.startsWith(`${id}#`) ? ref.slice(id.length) : ref;
    const pointer = this.#anchors.get(local) ?? (local === '#/' ? '#' : local);
    if (pointer === '#' || pointer === this.#alias) return '#';
    const target = pointer.startsWith('#') ? this.at(pointer) : undefined;
    if (target === undefined) return undefined;
    const next = isObject(target) && Object.keys(target).length === 1 ? refOf(target) : undefined;
    return next === undefined || hops > mostHops ? pointer : this.pointerOf(next, hops + 1);
  }

  /** The subschema at a pointer; undefined when there is none. */
  at(pointer: string): JsonObject | boolean | undefined {
    const path = pointer === '#' ? (this.#alias ?? '#') : pointer;
    let node: unknown = this.#root;
    for (const step of path.split('/').slice(1)) {
      const key = decode(step);
      if (Array.isArray(node)) node = node[Number(key)];
      else node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
    }
    return typeof node === 'boolean' || isObject(node) ? node : undefined;
  }

  /** Whether the target contains itself, or is so large and common that copies would swamp the schema. */
  mustStay(pointer: string): boolean {
    const weight = this.#weightOf(pointer, new Set());
    return weight === Infinity || weight * (this.#uses.get(pointer) ?? 1) > mostCopied;
  }

  /** How many subschemas a copy would have; infinite for a target that contains itself. */
  #weightOf(pointer: string, open: ReadonlySet<string>): number {
    const known = this.#weights.get(pointer);
    if (known !== undefined) return known;
    if (open.has(pointer)) return 0;
    const inside = new Set<string>();
    this.#collect(pointer, inside);
    if (inside.has(pointer)) {
      this.#weights.set(pointer, Infinity);
      return Infinity;
    }
    let weight = 0;
    const now = new Set([...open, pointer]);
    walk(this.at(pointer), '', (node) => {
      weight++;
      const target = this.#targetOf(node);
      const more = target === undefined ? 0 : this.#weightOf(target, now);
      if (more !== Infinity) weight += more;
    });
    this.#weights.set(pointer, weight);
    return weight;
  }

  /** All targets that can be reached from a pointer. */
  #collect(pointer: string, into: Set<string>): void {
    walk(this.at(pointer), '', (node) => {
      const target = this.#targetOf(node);
      if (target === undefined || into.has(target)) return;
      into.add(target);
      this.#collect(target, into);
    });
  }

  #targetOf(node: JsonObject): string | undefined {
    const ref = refOf(node);
    return ref === undefined ? undefined : this.pointerOf(ref);
  }
}

/** A subschema's reference, in any of the spellings of the drafts. */
export function refOf(node: JsonObject): string | undefined {
  const ref = node['$ref'] ?? (node['$recursiveRef'] === '#' ? '#' : undefined);
  return typeof ref === 'string' ? ref : undefined;
}

function walk(
  node: unknown,
  pointer: string,
  visit: (node: JsonObject, pointer: string) => void,
): void {
  if (Array.isArray(node)) {
    for (const [at, one] of node.entries()) walk(one, `${pointer}/${at}`, visit);
  } else if (isObject(node)) {
    visit(node, pointer);
    for (const [key, value] of Object.entries(node)) {
      // Definitions count where they are used; the root's own are walked for anchors and uses.
      if (!values.has(key) && (pointer.startsWith('#') || !isDefinitions(key))) {
        walk(value, `${pointer}/${encode(key)}`, visit);
      }
    }
  }
}

function isDefinitions(key: string): boolean {
  return key === '$defs' || key === 'definitions';
}

function decode(step: string): string {
  const plain = step.includes('%') ? safeDecode(step) : step;
  return plain.replaceAll('~1', '/').replaceAll('~0', '~');
}

function safeDecode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function encode(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

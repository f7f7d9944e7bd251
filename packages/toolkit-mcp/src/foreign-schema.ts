import type { JsonSchema } from '@throughline/core';
import { plainText } from './plain-text.ts';

/** Keywords that hold a schema for the value itself, and those that hold one for what is inside it. */
const ownSingle = new Set(['not', 'if', 'then', 'else']);
const partSingle = new Set([
  'additionalProperties',
  'unevaluatedProperties',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'items',
]);
/** The same, in lists and by names. */
const ownList = new Set(['anyOf', 'oneOf', 'allOf']);
const partList = new Set(['prefixItems', 'items']);
const byName = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);

const longestSchema = 100_000;
const longestWords = 2_000;
/** How many times parts of a schema may be held against parts of a value. */
const mostChecks = 100_000;

type Node = Readonly<Record<string, unknown>>;

/** A schema of a server's, safe to use. */
export interface ForeignSchema {
  /** What the model is told. */
  readonly told: JsonSchema;
  /** What its arguments are checked against: the same without what could keep a check from ending. */
  readonly checked: JsonSchema;
  /** Whether it takes few enough steps to check this value. */
  canCheck(value: unknown): boolean;
}

/**
 * Makes a schema that somebody else wrote safe. Regular expressions (`pattern`, `format`) are told and not checked: a
 * pattern can hang the process, and the server checks its own. Throws, in words, for one that is too large, that
 * refers to anything but its own parts, or that refers to itself without end.
 */
export function foreignSchema(source: unknown): ForeignSchema {
  const size = JSON.stringify(source)?.length ?? 0;
  if (size > longestSchema) throw new Error(`it has ${size} letters, more than ${longestSchema}`);
  if (!isNode(source)) throw new Error('it is no object');
  const graph = new Graph(source);
  return {
    told: graph.toldRoot,
    checked: graph.checkedRoot,
    canCheck: (value) => graph.counter()(graph.checkedRoot, value) <= mostChecks,
  };
}

/** The two copies of a schema, and where its references lead. */
class Graph {
  readonly toldRoot: JsonSchema;
  readonly checkedRoot: JsonSchema;
  readonly #byPointer = new Map<string, unknown>();

  constructor(root: Node) {
    const { told, checked } = this.#copy(root, '#');
    this.toldRoot = told as JsonSchema;
    this.checkedRoot = checked as JsonSchema;
    const all = [...this.#byPointer.values()].filter(isNode);
    for (const { $ref } of all) {
      if ($ref === undefined || this.#byPointer.has(pointer($ref))) continue;
      throw new Error(`its "$ref" ${JSON.stringify($ref).slice(0, 200)} leads to no part of it`);
    }
    const count = this.counter();
    if (all.some((part) => count(part, undefined) > mostChecks)) {
      throw new Error('it refers to itself without end, or branches too often');
    }
  }

  #copy(node: unknown, at: string): { told: unknown; checked: unknown } {
    if (!isNode(node)) {
      this.#byPointer.set(at, node);
      return { told: node, checked: node };
    }
    for (const key of ['$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor']) {
      if (key in node) throw new Error(`it uses "${key}", which cannot be told to the model`);
    }
    if (at !== '#' && '$id' in node) throw new Error('it has an "$id" inside');
    const told: Record<string, unknown> = {};
    const checked: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === '$id') continue;
      const words = (key === 'description' || key === 'title') && typeof value === 'string';
      const copies = words
        ? { told: plainText(value, longestWords), checked: value }
        : this.#copyOf(key, value, `${at}/${escaped(key)}`);
      put(told, key, copies.told);
      if (key !== 'pattern' && key !== 'format') put(checked, key, copies.checked);
    }
    withoutPatterns(checked);
    this.#byPointer.set(at, checked);
    return { told, checked };
  }

  #copyOf(key: string, value: unknown, at: string): { told: unknown; checked: unknown } {
    if (Array.isArray(value) && (ownList.has(key) || partList.has(key))) {
      const parts = value.map((part, index) => this.#copy(part, `${at}/${index}`));
      return { told: parts.map(({ told }) => told), checked: parts.map(({ checked }) => checked) };
    }
    if (ownSingle.has(key) || partSingle.has(key)) return this.#copy(value, at);
    if (!isNode(value) || !byName.has(key)) return { told: value, checked: value };
    const told: Record<string, unknown> = {};
    const checked: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) {
      const copies = this.#copy(part, `${at}/${escaped(name)}`);
      put(told, name, copies.told);
      put(checked, name, copies.checked);
    }
    return { told, checked };
  }

  /**
   * Counts how many times a validator that remembers nothing holds a part of the schema against a part of a value; infinite
   * where it would never end. Each pair is looked at once, so counting is fast where checking is not.
   */
  counter(): (schema: unknown, value: unknown) => number {
    const known = new Map<unknown, Map<unknown, number>>();
    let pairs = 0;
    const count = (schema: unknown, value: unknown): number => {
      if (!isNode(schema)) return 1;
      const of = known.get(schema) ?? new Map<unknown, number>();
      known.set(schema, of);
      const key = typeof value === 'object' ? value : undefined;
      const before = of.get(key);
      if (before !== undefined) return before;
      if (++pairs > mostChecks) return Number.POSITIVE_INFINITY;
      of.set(key, Number.POSITIVE_INFINITY); // met again before it is known: it never ends
      let sum = 1;
      for (const own of this.#ownSchemas(schema)) sum += count(own, value);
      for (const [part, inside] of partSchemas(schema, value)) sum += count(part, inside);
      of.set(key, sum);
      return sum;
    };
    return count;
  }

  /** The schemas that the same value is held against as well. */
  *#ownSchemas(schema: Node): Generator<unknown> {
    if (schema['$ref'] !== undefined) yield this.#byPointer.get(pointer(schema['$ref']));
    for (const [key, value] of Object.entries(schema)) {
      if (ownSingle.has(key)) yield value;
      if (ownList.has(key) && Array.isArray(value)) yield* value;
      if (key === 'dependentSchemas' && isNode(value)) yield* Object.values(value);
    }
  }
}

/** The schemas that what is inside the value is held against. */
function* partSchemas(schema: Node, value: unknown): Generator<readonly [unknown, unknown]> {
  if (typeof value !== 'object' || value === null) return;
  const { properties, items, prefixItems } = schema;
  const listed = [items, prefixItems].flatMap((list) => (Array.isArray(list) ? list : []));
  const others = [...partSingle].map((key) => schema[key]).filter(isNode);
  for (const [key, inside] of Object.entries(value)) {
    if (isNode(properties) && Object.hasOwn(properties, key)) yield [properties[key], inside];
    for (const other of [...others, ...listed]) yield [other, inside];
  }
}

/** Without its patterns nobody can say which properties are additional. */
function withoutPatterns(checked: Record<string, unknown>): void {
  if (!('patternProperties' in checked)) return;
  for (const key of ['patternProperties', 'additionalProperties', 'unevaluatedProperties']) {
    delete checked[key];
  }
}

function pointer($ref: unknown): string {
  if (typeof $ref !== 'string') return '';
  try {
    return decodeURIComponent($ref).replace(/[/]$/, '');
  } catch {
    return '';
  }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A key may be `__proto__`. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

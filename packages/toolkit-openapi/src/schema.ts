import { isObject, lookUp } from './document.ts';
import type { JsonObject } from './document.ts';
import { refusal, shown } from './trouble.ts';

/** What a call's arguments need, and no more: an operation may reach thousands of subschemas. */
const mostSubschemas = 500;
/** Counted where one definition alone is too large. */
const mostInAll = 10_000;
const deepest = 60;
const longestDescription = 400;

const keptAsTheyAre = (
  'type enum const default format nullable required minimum maximum exclusiveMinimum exclusiveMaximum multipleOf ' +
  'minLength maxLength minItems maxItems uniqueItems minProperties maxProperties minContains maxContains'
).split(' ');
const holdOne = (
  'items additionalProperties not if then else contains propertyNames ' +
  'unevaluatedProperties unevaluatedItems'
).split(' ');
const holdList = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];

/**
 * Copies schemas of a document into one schema of their own: what they refer to stands in `$defs` once, so a schema that
 * holds itself stays finite. The nearest definitions are taken; what lies beyond the bound becomes any value.
 */
export class SchemaCopy {
  readonly #root: JsonObject;
  /** The name of each definition, by its reference, in the order of their discovery. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  #count = 0;
  #left = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** How many definitions became any value. */
  get left(): number {
    return this.#left;
  }

  copy(node: unknown): JsonObject | boolean {
    return this.#copy(node, 0);
  }

  /** All that was referred to; to be asked for once, after the copies. */
  definitions(): JsonObject {
    const made: [string, unknown][] = [];
    // It grows while it is walked, so the nearest come first.
    for (const [ref, name] of this.#names) {
      const isOver = this.#count > mostSubschemas;
      if (isOver) this.#left++;
      made.push([name, isOver ? anything : this.#copy(lookUp(this.#root, ref), 0)]);
    }
    return Object.fromEntries(made);
  }

  #copy(node: unknown, depth: number): JsonObject | boolean {
    if (typeof node === 'boolean') return node;
    if (!isObject(node)) throw refusal(`where a schema should be stands ${shown(node)}.`);
    if (depth > deepest)
      throw refusal(`its schema is deeper than ${deepest} levels, or holds itself.`);
    if (++this.#count > mostInAll)
      throw refusal(`its schema has more than ${mostInAll} subschemas.`);
    const kept: [string, unknown][] = keptAsTheyAre.flatMap((key) =>
      key in node ? [[key, node[key]] as [string, unknown]] : [],
    );
    const result: Record<string, unknown> = Object.fromEntries(kept);
    if (node['x-nullable'] === true) result['nullable'] = true;
    const description = describe(node);
    if (description !== '') result['description'] = description;
    const { $ref: ref } = node;
    if (typeof ref === 'string') this.#refer(ref, result);
    for (const key of holdOne) if (key in node) result[key] = this.#copy(node[key], depth + 1);
    for (const key of holdList) {
      const list = node[key];
      if (Array.isArray(list)) result[key] = list.map((one) => this.#copy(one, depth + 1));
    }
    this.#copyProperties(node, result, depth);
    return result;
  }

  #refer(ref: string, result: Record<string, unknown>): void {
    lookUp(this.#root, ref);
    if (!this.#names.has(ref) && this.#count > mostSubschemas) {
      this.#left++;
      result['description'] ??= anything.description;
      return;
    }
    result['$ref'] = `#/$defs/${this.#nameOf(ref)}`;
  }

  #copyProperties(node: JsonObject, result: Record<string, unknown>, depth: number): void {
    const { properties, required } = node;
    // A validator would refuse what it does not know, and a pattern of a stranger may take for ever.
    if (isObject(node['patternProperties']) && node['additionalProperties'] === false) {
      delete result['additionalProperties'];
    }
    if (!isObject(properties)) return;
    const all = Object.entries(properties);
    const own = all.filter(([, one]) => !isReadOnly(one));
    result['properties'] = Object.fromEntries(
      own.map(([name, one]) => [name, this.#copy(one, depth + 1)]),
    );
    const readOnly = new Set(all.filter(([, one]) => isReadOnly(one)).map(([name]) => name));
    if (!Array.isArray(required) || readOnly.size === 0) return;
    result['required'] = required.filter((name) => !readOnly.has(String(name)));
  }

  #nameOf(ref: string): string {
    const known = this.#names.get(ref);
    if (known !== undefined) return known;
    const last = ref.slice(ref.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_]+/g, '_') || 'root';
    let name = last;
    for (let n = 2; this.#taken.has(name); n++) name = `${last}_${n}`;
    this.#taken.add(name);
    this.#names.set(ref, name);
    return name;
  }
}

const anything = { description: 'Any value: the description is too large to be told here.' };

function isReadOnly(node: unknown): boolean {
  return isObject(node) && node['readOnly'] === true;
}

/** A pattern of a stranger runs on what the model writes and may hang, so it is told in words and not checked. */
function describe(node: JsonObject): string {
  const { description, pattern, title } = node;
  const said =
    typeof description === 'string' ? description : typeof title === 'string' ? title : '';
  const words = cleaned(said, longestDescription);
  if (typeof pattern !== 'string' || pattern.length > 200) return words;
  return `${words} (pattern: ${cleaned(pattern, 200)})`.trim();
}

/** A text of the document, short and without control characters or marks that turn the direction of writing. */
export function cleaned(text: string, most: number): string {
  const short = text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
  return short.replace(/[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '').trim();
}

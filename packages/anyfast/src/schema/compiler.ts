import { ThroughlineError } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { compileEnum } from './enum.ts';
import { asserts, flatten } from './flatten.ts';
import { describe, notesOf } from './note.ts';
import type { SchemaLoss } from './note.ts';
import { References, refOf } from './reference.ts';
import { mergeRoot } from './root.ts';
import { compileType, keywordsOf } from './type.ts';
import { anything, described, unite } from './union.ts';

/** Where a subschema stands: its path in words, and how many levels of properties are above it. */
interface Place {
  readonly path: string;
  readonly level: number;
  /** References of which one level is copied around this place. */
  readonly copied: ReadonlySet<string>;
  readonly inDefinition: boolean;
}

const top: Place = { path: '', level: 0, copied: new Set(), inDefinition: false };

/** Following references may multiply a schema; what has more subschemas than this is too large anyway. */
const mostSubschemas = 10_000;

/** Compiles one schema. `levels` is how deep its properties may go; what lies deeper becomes any object. */
export class Compiler {
  readonly #levels: number;
  readonly #references: References;
  readonly #defs = new Map<string, { readonly name: string; schema: JsonObject }>();
  readonly #losses = new Map<string, SchemaLoss>();
  #subschemas = 0;

  constructor(schema: JsonObject, levels: number) {
    this.#levels = levels;
    this.#references = new References(schema);
  }

  /** What was lost so far, each loss once. */
  get losses(): readonly SchemaLoss[] {
    return [...this.#losses.values()];
  }

  /** The compiled root with its definitions; undefined when no object fits it. */
  root(): JsonObject | undefined {
    const node = this.#compile(this.#references.at('#') ?? true, top);
    if (node === undefined) return undefined;
    const lose = (lost: string): void => this.#lose(top, lost);
    const root = mergeRoot(node, (ref) => this.#defOf(ref), lose);
    if (root === undefined) return undefined;
    const defs = [...this.#defs.values()].map(({ name, schema }) => [name, schema]);
    const whole = defs.length === 0 ? root : { ...root, $defs: Object.fromEntries(defs) };
    return withoutDoubleDescriptions(whole, whole);
  }

  /** Undefined where no value is allowed. */
  #compile(node: unknown, place: Place): JsonObject | undefined {
    if (++this.#subschemas > mostSubschemas) {
      const told = `its schema has more than ${mostSubschemas} subschemas once its references are followed.`;
      throw new ThroughlineError('invalid_schema', told);
    }
    const copied = new Set(place.copied);
    const flat = flatten(node, {
      references: this.#references,
      copied: place.copied,
      lose: (lost) => this.#lose(place, lost),
      copy: (pointer) => copied.add(pointer),
    });
    if (flat === false) return undefined;
    return flat === true ? anything(undefined) : this.#compileFlat(flat, { ...place, copied });
  }

  #compileFlat(flat: JsonObject, place: Place): JsonObject | undefined {
    const { description, $ref: ref, anyOf, enum: values, ...rest } = flat;
    if (typeof ref === 'string')
      return described({ $ref: this.#refTo(ref) }, describe(description, []));
    if (Array.isArray(anyOf)) {
      const shared = values === undefined ? rest : { ...rest, enum: values };
      return this.#compileUnion(anyOf, shared, describe(description, []), place);
    }
    if (Array.isArray(rest['type']) && rest['type'].length === 0) return undefined;
    const types = typesOf(rest);
    if (rest['type'] === undefined && values === undefined && types !== undefined) {
      this.#lose(place, `narrower: it has no type, so it becomes ${types.join(' or ')}`);
    }
    if (Array.isArray(values)) return this.#compileEnum(values, { types, flat, place });
    if (types === undefined) {
      const notes = this.#notes(flat, new Set(['type']), place);
      return anything(describe(description, notes));
    }
    return this.#compileTypes(types, flat, place);
  }

  #compileUnion(
    branches: readonly unknown[],
    shared: JsonObject,
    description: string | undefined,
    place: Place,
  ): JsonObject | undefined {
    const inside = { ...place, path: join(place.path, 'anyOf') };
    const compiled = branches.flatMap((branch): JsonObject | readonly JsonObject[] => {
      const whole = addsTo(branch, shared) ? { allOf: [branch, shared] } : branch;
      return this.#compile(whole, inside) ?? [];
    });
    return compiled.length === 0 ? undefined : unite(compiled, description);
  }

  #compileEnum(
    values: readonly unknown[],
    {
      types,
      flat,
      place,
    }: { types: readonly string[] | undefined; flat: JsonObject; place: Place },
  ): JsonObject | undefined {
    // What else a subschema asks of its values was true of the values when they were written down.
    const compiled = compileEnum(values, 'type' in flat ? types : undefined, {
      compile: (node) => this.#compile(node, place),
      lose: (lost) => this.#lose(place, lost),
    });
    if (compiled === undefined) return undefined;
    const said = new Set(['type', 'enum', ...Object.values(keywordsOf).flat()]);
    const notes = this.#notes(flat, said, place).filter((note) => note.startsWith('default'));
    const own = typeof compiled['description'] === 'string' ? [compiled['description']] : [];
    const bare = own.map((text) => text.replace(/^\(|\)$/g, ''));
    return described(compiled, describe(flat['description'], [...bare, ...notes]));
  }

  #compileTypes(types: readonly string[], flat: JsonObject, place: Place): JsonObject {
    const said = new Set(['type', ...types.flatMap((type) => keywordsOf[type] ?? [])]);
    const notes = [...this.#notes(flat, said, place)];
    const scope = {
      inDefinition: place.inDefinition,
      compile: (node: unknown, key: string, level: number) =>
        this.#compile(node, { ...place, path: join(place.path, key), level: place.level + level }),
      lose: (lost: string) => this.#lose(place, lost),
      note: (text: string) => void notes.push(text),
    };
    const compiled = types.map((type) => {
      if (type !== 'object' || place.level < this.#levels) return compileType(type, flat, scope);
      if (isObject(flat['properties']))
        this.#lose(place, 'what lies deeper than the endpoint reads');
      return { type };
    });
    return unite(compiled, describe(flat['description'], notes));
  }

  /** The notes for the description, each told as a loss too. */
  #notes(flat: JsonObject, said: ReadonlySet<string>, place: Place): readonly string[] {
    const notes = notesOf(flat, said);
    for (const note of notes) this.#lose(place, note);
    // A known format says to a model what its pattern spells out.
    return 'format' in flat ? notes.filter((note) => !note.startsWith('pattern:')) : notes;
  }

  #refTo(pointer: string): string {
    if (pointer === '#') return '#';
    let def = this.#defs.get(pointer);
    if (def === undefined) {
      def = { name: this.#freeName(pointer), schema: {} };
      this.#defs.set(pointer, def);
      const place = { ...top, path: `$defs.${def.name}`, inDefinition: true };
      def.schema = this.#compile(this.#references.at(pointer), place) ?? anything(undefined);
    }
    return `#/$defs/${def.name}`;
  }

  #freeName(pointer: string): string {
    const last =
      pointer.slice(pointer.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_]/g, '_') || 'def';
    const taken = new Set([...this.#defs.values()].map(({ name }) => name));
    let name = last;
    for (let n = 2; taken.has(name); n++) name = `${last}_${n}`;
    return name;
  }

  #defOf(ref: string): JsonObject | undefined {
    return [...this.#defs.values()].find(({ name }) => ref === `#/$defs/${name}`)?.schema;
  }

  #lose({ path }: Place, lost: string): void {
    const loss = { path: path === '' ? 'root' : path, lost };
    this.#losses.set(`${loss.path}\n${lost}`, loss);
  }
}

/** Whether what stands beside a union must be said in a branch. That a reference is of a type, it says itself. */
function addsTo(branch: unknown, shared: JsonObject): boolean {
  const onlyType = Object.keys(shared).every((key) => key === 'type');
  if (onlyType && isObject(branch) && refOf(branch) !== undefined) return false;
  return asserts(shared);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

const otherNames: Readonly<Record<string, string>> = {
  int: 'integer',
  float: 'number',
  double: 'number',
};

/** The types a subschema declares, or those its keywords speak of; undefined for anything. */
function typesOf(node: JsonObject): readonly string[] | undefined {
  const { type } = node;
  if (type !== undefined) {
    const declared: readonly unknown[] = Array.isArray(type) ? type : [type];
    const names = declared.flatMap((one) =>
      typeof one === 'string' ? (otherNames[one] ?? one) : [],
    );
    const known = [...new Set(names)].filter((name) => name in keywordsOf);
    return known.length === 0 ? undefined : known;
  }
  const spoken = ['object', 'array', 'string', 'number'].filter((name) => speaksOf(node, name));
  return spoken.length === 0 ? undefined : spoken;
}

const moreKeywords: Readonly<Record<string, readonly string[]>> = {
  object: ['minProperties', 'maxProperties', 'dependentRequired'],
  array: ['contains', 'uniqueItems'],
  string: ['pattern'],
  number: ['multipleOf'],
};

function speaksOf(node: JsonObject, type: string): boolean {
  return [...(keywordsOf[type] ?? []), ...(moreKeywords[type] ?? [])].some((key) => key in node);
}

/** Moonshot refuses a description beside a reference whose target has one. */
function withoutDoubleDescriptions(node: JsonObject, root: JsonObject): JsonObject {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one)]));
    if (typeof value['$ref'] !== 'string' || value['description'] === undefined) return copy;
    const defs = isObject(root['$defs']) ? root['$defs'] : {};
    const target = value['$ref'] === '#' ? root : defs[value['$ref'].slice('#/$defs/'.length)];
    const taken = isObject(target) && target['description'] !== undefined;
    return taken ? { $ref: value['$ref'] } : copy;
  };
  const visited = visit(node);
  return isObject(visited) ? visited : node;
}

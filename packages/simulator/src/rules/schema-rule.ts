import type { JsonObject } from '../wire/json.ts';

/** Where a schema breaks a rule of Moonshot's flavour, and the endpoint's words for it. */
export interface SchemaBreach {
  /** Dotted keys, without indices of `anyOf`; `root` for the schema itself. */
  readonly path: string;
  readonly reason: string;
}

/** Sizes a schema may have. */
export interface SchemaLimits {
  readonly depth: number;
  readonly bytes: number;
  readonly properties: number;
  readonly anyOf: number;
  readonly enumItems: number;
  readonly enumCharacters: number;
  readonly enumCharactersAbove: number;
}

/** The limits in the validator's code, which refuse. */
export const serverLimits: SchemaLimits = {
  depth: 30,
  bytes: 120_000,
  properties: 3000,
  anyOf: 500,
  enumItems: 1000,
  enumCharacters: 75_000,
  enumCharactersAbove: 2500,
};

/** The older and tighter limits in the validator's documentation; beyond them is a lint. */
export const documentedLimits: SchemaLimits = {
  ...serverLimits,
  depth: 5,
  properties: 100,
  anyOf: 10,
  enumItems: 500,
  enumCharacters: 7500,
  enumCharactersAbove: 250,
};

/** What the keyword rules must know of the schema around a keyword. */
export interface SchemaScope {
  readonly root: JsonObject;
  readonly limits: SchemaLimits;
  /** Every `$ref` met so far. */
  readonly references: Set<string>;
}

/** A path as the endpoint prints it. */
export function printPath(path: readonly string[]): string {
  return path.length === 0 ? 'root' : path.join('.');
}

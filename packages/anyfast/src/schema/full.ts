import { ThroughlineError } from '@throughline/core';
import type { JsonSchema } from '@throughline/core';
import { isObject } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { Compiler } from './compiler.ts';
import { countProperties, depthOf, letEnd } from './limit.ts';
import type { SchemaLoss } from './note.ts';

/** A schema the endpoint accepts, and all that it says less than the original. */
export interface CompiledSchema {
  readonly schema: JsonSchema;
  readonly losses: readonly SchemaLoss[];
}

/** What the validator of Moonshot's flavour takes: github.com/MoonshotAI/walle. */
const deepest = 30;
const mostProperties = 3000;
const mostBytes = 120_000;

const compiled = new WeakMap<object, CompiledSchema>();

/**
 * Compiles JSON Schema (draft 2020-12 or 07) into Moonshot's flavour of it: every subschema says its type,
 * unions are `anyOf`, references stay only where a schema contains itself. What cannot be said is put into the
 * description in words where it helps the model, and told in `losses`; arguments are to be checked against the
 * original. Throws `invalid_schema` for a schema whose root is no object or that is beyond the endpoint's limits.
 */
export function compileFully(schema: JsonSchema): CompiledSchema {
  if (!isObject(schema))
    throw unusable(
      `its parameters are ${typeof schema === 'object' ? 'null or a list' : `a ${typeof schema}`}, not a schema`,
    );
  let result = compiled.get(schema);
  if (result === undefined) {
    result = compileFinite(schema);
    compiled.set(schema, result);
  }
  return result;
}

function compileFinite(schema: JsonSchema): CompiledSchema {
  try {
    return compileWithin(schema, deepest);
  } catch (error) {
    if (error instanceof ThroughlineError) throw error;
    if (error instanceof RangeError) {
      throw unusable('its schema contains itself as an object, or is nested without end');
    }
    // It is no JSON: it holds a big number of JavaScript, or throws where it is looked at.
    throw unusable(`its schema cannot be read (${String(error).slice(0, 200)})`);
  }
}

/** Levels behind a reference count too, so where they add up to too many, the cut is made higher. */
function compileWithin(schema: JsonSchema, levels: number): CompiledSchema {
  const compiler = new Compiler(schema, levels);
  const root = compiler.root();
  if (root === undefined) throw unusable('the root of its schema is not an object');
  const over = depthOf(root) - deepest;
  if (over > 0 && levels > 1) return compileWithin(schema, Math.max(1, levels - over));
  const losses = [...compiler.losses];
  const whole: JsonObject = letEnd(root, (path) =>
    losses.push({ path, lost: 'required: without an end the endpoint refuses it' }),
  );
  const properties = countProperties(whole);
  if (properties > mostProperties) {
    throw unusable(
      `its schema has ${properties} properties and the endpoint takes ${mostProperties}`,
    );
  }
  const bytes = new TextEncoder().encode(JSON.stringify(whole)).length;
  if (bytes > mostBytes) {
    throw unusable(`its schema has ${bytes} bytes and the endpoint takes ${mostBytes}`);
  }
  return { schema: whole, losses };
}

function unusable(reason: string): ThroughlineError {
  return new ThroughlineError('invalid_schema', `${reason}.`);
}

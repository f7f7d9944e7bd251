// schema/ owns the compilation of a tool's JSON Schema to the part of it that the endpoint takes, and the list of what that lost. It
// does not own the check of arguments: core checks them against the schema as the tool has it.

import type { JsonSchema } from '@throughline/core';
import type { CompiledSchema } from './full.ts';
import { asPlain } from './plain.ts';

/**
 * What `toMoonshotSchema` promises. The compiler itself is a seventh of all there is to load, and is loaded for the first schema
 * that is not plain.
 */
export async function compileSchema(schema: JsonSchema): Promise<CompiledSchema> {
  try {
    const plain = asPlain(schema);
    if (plain !== undefined) return plain;
  } catch {
    // It throws where it is looked at, which the compiler puts into words.
  }
  const compiler = await import('./full.ts');
  return compiler.compileFully(schema);
}

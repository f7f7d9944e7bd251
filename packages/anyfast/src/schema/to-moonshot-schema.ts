import type { JsonSchema } from '@throughline/core';
import type { CompiledSchema } from './full.ts';

/**
 * Compiles JSON Schema (draft 2020-12 or 07) into what the endpoint accepts, and says what that lost. Rejects with
 * `invalid_schema` for a schema whose root is no object or that is beyond the endpoint's limits.
 */
export async function toMoonshotSchema(schema: JsonSchema): Promise<CompiledSchema> {
  // A run loads the same file late: exported from the index as it is, every bundler would load it at once.
  const { compileSchema } = await import('./compile.ts');
  return compileSchema(schema);
}

import type { JsonSchema } from '@throughline/core';

/** Something the compiled schema does not say, and where. */
export interface SchemaLoss {
  readonly path: string;
  readonly lost: string;
}

export interface CompiledSchema {
  readonly schema: JsonSchema;
  readonly losses: readonly SchemaLoss[];
}

export function compileSchema(schema: JsonSchema): CompiledSchema {
  const { $schema: _, ...rest } = schema;
  return { schema: rest, losses: [] };
}

import type { JsonSchema } from '../base/model.ts';

/** The input of a tool that is an agent: its task, in words that `description` asks for. */
export function taskSchema(description: string): JsonSchema {
  return {
    type: 'object',
    properties: { task: { type: 'string', description } },
    required: ['task'],
    additionalProperties: false,
  };
}

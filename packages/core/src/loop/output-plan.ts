import { ThroughlineError } from '../base/error.ts';
import type { Json } from '../base/model.ts';
import { issueLines } from '../calls/check.ts';
import type { RepairCall } from '../calls/check.ts';
import { compileSchema } from '../tool/schema/schema.ts';
import type { Schema, SchemaSource } from '../tool/schema/schema.ts';
import { tool, mayRepeat } from '../tool/tool.ts';
import type { Tool } from '../tool/tool.ts';

/** How a structured answer is asked for: by a tool of its own, which works with thinking on. */
export interface OutputPlan {
  readonly schema: Schema;
  readonly tool: Tool;
  readonly instructions: string;
}

/** Makes the plan for an `output` schema. Throws `invalid_schema`, e.g. for a root that is no object. */
export function planOutput(source: SchemaSource): OutputPlan {
  const name = 'final_answer';
  return {
    schema: compileSchema(source, 'The output schema', 'object'),
    tool: mayRepeat(
      tool({
        name,
        description: 'Gives the final answer. Call it once, alone, when everything else is done.',
        inputSchema: source,
        effect: 'write', // so that it never starts before the answer is whole
        execute: () => 'Received.',
      }),
    ),
    instructions: `When you are done, give your final answer by calling ${name}. Do not answer in text.`,
  };
}

/** The host's repair, kept from the structured answer: what is recorded of that is what the model wrote. */
export function repairOthers(
  output: OutputPlan | undefined,
  repair: RepairCall | undefined,
): RepairCall | undefined {
  if (output === undefined || repair === undefined) return repair;
  const { name } = output.tool;
  return async (call) => {
    const mended = call.name === name ? undefined : await repair(call);
    return mended?.name === name ? undefined : mended;
  };
}

/** What the schema makes of the recorded answer: transforms and defaults applied. */
export async function readOutput<Output>({ schema }: OutputPlan, json: Json): Promise<Output> {
  const parsed = await schema.parse(json);
  if (parsed.issues === undefined) return parsed.value as Output;
  throw new ThroughlineError(
    'invalid_output',
    `The recorded answer does not fit the output schema:\n${issueLines(parsed.issues)}`,
  );
}

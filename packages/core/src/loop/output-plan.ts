import { ThroughlineError } from '../base/error.ts';
import type { Json, JsonSchema } from '../base/model.ts';
import { issueLines } from '../tool/schema/issue-lines.ts';
import type { RepairCall } from '../calls/check-call.ts';
import { compileSchema } from '../tool/schema/schema.ts';
import type { Schema, SchemaSource } from '../tool/schema/schema.ts';
import { tool, mayRepeat } from '../tool/tool.ts';
import type { Tool } from '../tool/tool.ts';

/** How a structured answer is asked for: by a tool of its own, which works with thinking on. */
export interface OutputPlan {
  /** Of the output itself. */
  readonly schema: Schema;
  /** Its input is the output; where that is no object, an object with the output as its `value`, since arguments have names. */
  readonly tool: Tool;
  readonly isWrapped: boolean;
  readonly instructions: string;
}

/** Makes the plan for an `output` schema: an object, or anything else that JSON can say. Throws `invalid_schema`. */
export function planOutput(source: SchemaSource): OutputPlan {
  const name = 'final_answer';
  const schema = compileSchema(source, 'The output schema');
  const isWrapped = !isObjectSchema(source);
  const made = tool({
    name,
    description: 'Gives the final answer. Call it once, alone, when everything else is done.',
    inputSchema: isWrapped ? { type: 'object' } : source,
    effect: 'write', // so that it never starts before the answer is whole
    execute: () => 'Received.',
  });
  return {
    schema,
    tool: mayRepeat(isWrapped ? { ...made, inputSchema: wrapped(schema) } : made),
    isWrapped,
    instructions: `When you are done, give your final answer by calling ${name}. Do not answer in text.`,
  };
}

/** The output in the arguments of `final_answer`. */
export function outputIn({ isWrapped }: OutputPlan, input: Json): Json | undefined {
  return isWrapped ? (input as Readonly<Record<string, Json>>)['value'] : input;
}

/** Whether the root is an object, as far as the schema says so itself. zod 3 and zod/mini carry it as a mark. */
function isObjectSchema(source: SchemaSource): boolean {
  const { _def: zod3, _zod: zod4 } = source as {
    readonly _def?: { readonly typeName?: string };
    readonly _zod?: { readonly def?: { readonly type?: string } };
  };
  if (zod4?.def?.type !== undefined) return zod4.def.type === 'object';
  if (zod3?.typeName !== undefined) return zod3.typeName === 'ZodObject';
  const described = compileSchema(source, 'The output schema').describe();
  const isLate = described instanceof Promise;
  if (isLate) described.catch(() => {}); // told at the first run
  return isLate ? (source as JsonSchema)['type'] === 'object' : described['type'] === 'object';
}

function wrapped(schema: Schema): Schema {
  return {
    async describe() {
      const { $defs, definitions, $schema, ...value } = await schema.describe();
      return {
        ...($schema === undefined ? {} : { $schema }),
        type: 'object',
        properties: { value },
        required: ['value'],
        additionalProperties: false,
        // References name them from the root.
        ...($defs === undefined ? {} : { $defs }),
        ...(definitions === undefined ? {} : { definitions }),
      };
    },
    async parse(input) {
      const { value } = input as { readonly value?: unknown };
      const parsed = await schema.parse(value);
      if (parsed.issues === undefined) return { value: { value: parsed.value } };
      const under = (path: string) =>
        path === '' || path.startsWith('[') ? `value${path}` : `value.${path}`;
      return { issues: parsed.issues.map((issue) => ({ ...issue, path: under(issue.path) })) };
    },
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

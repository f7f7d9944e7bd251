import { readArguments } from '../answer/arguments.ts';
import { ThroughlineError } from '../base/error.ts';
import type { AnswerGiven, CallEnd } from '../base/event.ts';
import type { Json } from '../base/model.ts';
import { issueLines } from '../calls/check.ts';
import type { OutputPlan } from './output-plan.ts';

/** The structured answer, or nothing where the run ends without one; or a note that tells the model what to correct. */
export type OutputRead = { readonly output?: Json } | { readonly note: string };

/** How often the model is told that its answer does not fit the schema. */
const maxCorrections = 3;

/**
 * The structured answer of one run: finds it in a call of `final_answer` or in the text, and counts how often the model was
 * told to correct it. It records nothing: the loop does.
 */
export class StructuredOutput {
  readonly #plan: OutputPlan | undefined;
  #corrections = 0;

  constructor(plan: OutputPlan | undefined) {
    this.#plan = plan;
  }

  /** The output that a call of this answer gave. Throws `invalid_output` once too many calls did not fit. */
  fromCalls(answer: AnswerGiven, ends: readonly CallEnd[]): Json | undefined {
    const given = ends.filter(({ name }) => name === this.#plan?.tool.name);
    const end = given.find(({ outcome }) => outcome === 'ok');
    if (end === undefined) {
      if (given.length > 0) this.addCorrection();
      return undefined;
    }
    const text = answer.message.tool_calls?.[end.call - 1]?.function.arguments;
    return JSON.parse(text ?? 'null') as Json;
  }

  /** The output that a text gives. Where it does not fit, the last answer of a run gives none; before that the model is told. */
  async fromText(text: string, isLast: boolean): Promise<OutputRead> {
    if (this.#plan === undefined) return {};
    const read = await readText(this.#plan, text);
    if (!('note' in read)) return read;
    if (isLast) return {};
    if (this.#corrections >= maxCorrections) throw noOutput();
    return read;
  }

  /** The model is told to correct its output. Throws `invalid_output` where it was told often enough. */
  addCorrection(): void {
    if (this.#corrections >= maxCorrections) throw noOutput();
    this.#corrections++;
  }
}

/** Reads JSON as it is, or in one Markdown code block. */
async function readText({ schema, tool: { name } }: OutputPlan, text: string): Promise<OutputRead> {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)?.[1] ?? text;
  const read = inner.trim() === '' ? undefined : readArguments(inner);
  if (read === undefined || 'problem' in read) {
    return { note: `Give your final answer by calling ${name}.` };
  }
  const parsed = await schema.parse(read.value);
  if (parsed.issues === undefined) return { output: read.value as Json };
  return {
    note: `Your answer does not fit the schema of ${name}:\n${issueLines(parsed.issues)}\nCorrect it, and give it by calling ${name}.`,
  };
}

function noOutput(): ThroughlineError {
  return new ThroughlineError(
    'invalid_output',
    `The model gave no answer that fits the output schema. It was told ${maxCorrections} times what to correct.`,
  );
}

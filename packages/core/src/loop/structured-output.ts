import { jsonLoss } from '../answer/json-loss.ts';
import { ThroughlineError } from '../base/error.ts';
import type { AnswerGiven, CallEnd } from '../base/event.ts';
import type { Json } from '../base/model.ts';
import { issueLines } from '../tool/schema/issue-lines.ts';
import { outputIn } from './output-plan.ts';
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
    return this.#plan && outputIn(this.#plan, JSON.parse(text ?? 'null') as Json);
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
async function readText(plan: OutputPlan, text: string): Promise<OutputRead> {
  const { schema, isWrapped } = plan;
  const { name } = plan.tool;
  const read = readJson(insideFence(text));
  if (read === undefined || (!isWrapped && !isObject(read.json))) {
    return { note: `Give your final answer by calling ${name}.` };
  }
  const isCall =
    isWrapped && isObject(read.json) && Object.keys(read.json ?? {}).join() === 'value';
  const output = isCall ? (outputIn(plan, read.json) ?? null) : read.json;
  const parsed = await schema.parse(output);
  if (parsed.issues === undefined) return { output };
  return {
    note: `Your answer does not fit the schema of ${name}:\n${issueLines(parsed.issues)}\nCorrect it, and give it by calling ${name}.`,
  };
}

/** The text in one Markdown code block, where there is nothing else. */
function insideFence(text: string): string {
  const trimmed = text.trim();
  const head = /^```(?:json)?[ \t]*\n/.exec(trimmed.slice(0, 40))?.[0];
  if (head === undefined || !trimmed.endsWith('\n```')) return trimmed;
  return trimmed.slice(head.length, -4);
}

/** Undefined for what is no JSON, and for what JavaScript would misread. */
function readJson(text: string): { readonly json: Json } | undefined {
  try {
    const json = JSON.parse(text) as Json;
    return jsonLoss(text) === undefined ? { json } : undefined;
  } catch {
    return undefined;
  }
}

function isObject(json: Json): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function noOutput(): ThroughlineError {
  return new ThroughlineError(
    'invalid_output',
    `The model gave no answer that fits the output schema. It was told ${maxCorrections} times what to correct.`,
  );
}

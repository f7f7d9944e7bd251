import { ThroughlineError } from '@throughline/core';
import type { CallPending, Json } from '@throughline/core';
import * as z from 'zod';
import { questionsOf } from './questions.ts';
import type { Question } from './questions.ts';

const answer = z.strictObject({
  chosen: z.array(z.string()).readonly().optional(),
  text: z.string().trim().optional(),
});

/** What a person says to one question: the labels of chosen options, words of their own, or both. */
export interface Answer {
  readonly chosen?: readonly string[] | undefined;
  readonly text?: string | undefined;
}

/**
 * The decision that answers a call of `ask_user`: one answer for each question, in their order. Give it to `run.decide`, the `decide`
 * option or `agent.resume`. The model reads `{ answers: [{ question, chosen, text }] }` as JSON.
 * Throws `invalid_decision` for a call of another tool, and for answers that do not fit its questions: another number, an option that is
 * not there, two where one may be chosen, nothing at all, or more than 40,000 characters of JSON.
 */
export function answerTo(
  call: Pick<CallPending, 'name' | 'arguments'>,
  answers: readonly Answer[],
): { readonly result: Json } {
  const questions = questionsOf(call);
  if (questions === undefined) throw unfit(`the call of "${call.name}" asks no questions`);
  const { data, error } = z.array(answer).safeParse(answers);
  if (error) throw unfit(`the answers have no such shape: ${z.prettifyError(error)}`);
  if (data.length !== questions.length) {
    throw unfit(`the questions are ${questions.length}, the answers ${data.length}`);
  }
  const result = { answers: questions.map((question, at) => checked(question, data[at] ?? {})) };
  const { length } = JSON.stringify(result);
  if (length > mostCharacters) {
    throw unfit(
      `the answers are ${length} characters of JSON, and the model reads at most ${mostCharacters}`,
    );
  }
  return { result };
}

/** Well below what core shows a model of one result, so that no answer loses its middle. */
const mostCharacters = 40_000;

function checked({ question, options, multiple }: Question, { chosen = [], text = '' }: Answer) {
  const refuse = (why: string) => unfit(`the answer to ${JSON.stringify(question)} ${why}`);
  const labels = options.map(({ label }) => label);
  const strange = chosen.find((label) => !labels.includes(label));
  if (strange !== undefined) {
    const shown = JSON.stringify(strange.slice(0, 100));
    throw refuse(`chooses ${shown}; its options are ${labels.map(quoted).join(', ')}`);
  }
  if (new Set(chosen).size < chosen.length) throw refuse('chooses an option twice');
  if (chosen.length > 1 && !multiple) throw refuse('chooses several options, and may choose one');
  if (chosen.length === 0 && text === '') throw refuse('neither chooses an option nor has a text');
  return {
    question,
    ...(chosen.length === 0 ? {} : { chosen: [...chosen] }),
    ...(text === '' ? {} : { text }),
  };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function unfit(why: string): ThroughlineError {
  return new ThroughlineError('invalid_decision', `answerTo(): ${why}.`);
}

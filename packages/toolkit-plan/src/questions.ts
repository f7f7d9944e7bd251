import type { CallPending } from '@throughline/core';
import * as z from 'zod';
import { eachDiffers, line, paragraph } from './visible-text.ts';

const option = z.object({
  label: line(100).describe('The choice itself, in a few words.'),
  description: line(300).optional().describe('What choosing it means.'),
});

const question = z.object({
  question: paragraph(500).describe('The whole question, as the user reads it.'),
  options: z
    .array(option)
    .min(2)
    .max(4)
    .superRefine(eachDiffers('label'))
    .describe('What to choose from. The user may always answer in words of their own as well.'),
  multiple: z.boolean().default(false).describe('Whether several options may be chosen.'),
});

/** What the model sends to `ask_user`. */
export const questionsAsked = z.object({
  questions: z
    .array(question)
    .min(1)
    .max(4)
    .superRefine(eachDiffers('question'))
    .describe('The questions, all shown at once.'),
});

/**
 * A question of the model: visible text, at most 500 characters, with 2 to 4 options whose labels differ. Several may be chosen
 * only where it says `multiple`; free text is always allowed.
 */
export type Question = Readonly<z.output<typeof question>>;

/**
 * The 1 to 4 questions of a call that waits: of a `call.pending` event, or of `pending` of a result or a session. Undefined for a
 * call of another tool. The tool may have been renamed by `prefix`.
 */
export function questionsOf(
  call: Pick<CallPending, 'name' | 'arguments'>,
): readonly Question[] | undefined {
  if (!/(^|_)ask_user$/.test(call.name)) return undefined;
  return questionsAsked.safeParse(jsonOf(call.arguments)).data?.questions;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no call of ours waits with such arguments: the schema has accepted them
  }
}

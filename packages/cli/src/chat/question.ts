import type { CallPending, Decision } from '@throughline/core';
import { span } from '../terminal/line.ts';
import type { Line } from '../terminal/line.ts';
import { wholeCall } from './call-words.ts';

/** One thing that a person is asked. Their answer is a line of text, ended by Enter: a key that was meant for something else decides nothing. */
export interface Question {
  /** What is printed above, once. */
  readonly lines: readonly Line[];
  /** What may be answered; stands beside the input. */
  readonly hint: string;
  /** Takes an answer. Words that are none come back, to be shown. */
  answer(text: string): string | undefined;
}

/** Asks whether a call may run: once, always for its rule, or not, with words. */
export function mayRun(
  call: CallPending,
  about: {
    readonly width: number;
    clean(text: string): string;
    decide(decision: Decision, always: boolean): void;
  },
): Question {
  const again = call.mayHaveRun
    ? [[span('It was cut, and may have taken effect already.', 'yellow', 'bold')]]
    : [];
  const head: Line = [span('May this run?', 'yellow', 'bold')];
  return {
    lines: [[], head, ...wholeCall(call, about.width, about.clean), ...again],
    hint: call.mayHaveRun
      ? 'y once · n no · n and why'
      : `y once · a always ${ruleOf(call).words} · n no · n and why`,
    answer(text) {
      const said = text.trim();
      const no = /^no?(?:[\s,:]+(.*))?$/is.exec(said);
      if (/^(?:y|yes)$/i.test(said)) about.decide({ approve: true }, false);
      else if (/^(?:a|always)$/i.test(said) && !call.mayHaveRun)
        about.decide({ approve: true }, true);
      else if (no !== null) {
        about.decide({ refuse: no[1]?.trim() || 'The person did not approve this call.' }, false);
      } else return 'Type y, a or n, then Enter. Esc stops the run.';
      return undefined;
    },
  };
}

/**
 * What "always" allows, in this chat: a command with exactly these arguments; of any other tool, the tool itself. So a yes to one command
 * is never a yes to another.
 */
export function ruleOf({ name, arguments: input }: Pick<CallPending, 'name' | 'arguments'>): {
  readonly key: string;
  readonly words: string;
} {
  const takesCommand = /"command"\s*:/.test(input);
  return takesCommand
    ? { key: `${name} ${input}`, words: 'this command' }
    : { key: name, words: `${name}, with any arguments` };
}

/** Asks what the model asks (`ask_user`), one question after the other. Undefined for another tool. */
export async function modelAsks(
  call: CallPending,
  about: { clean(text: string): string; decide(decision: Decision): void },
): Promise<Question | undefined> {
  const { answerTo, questionsOf } = await import('@throughline/toolkit-plan');
  const questions = questionsOf(call);
  if (questions === undefined) return undefined;
  const answers: { chosen?: string[]; text?: string }[] = [];
  const lines = questions.flatMap(({ question, options }, at): Line[] => [
    [],
    [
      span(questions.length > 1 ? `${at + 1}. ` : ''),
      span(about.clean(question), 'yellow', 'bold'),
    ],
    ...options.map(({ label, description = '' }, option) => [
      span(`  ${option + 1}) `, 'cyan'),
      span(about.clean(label)),
      span(description === '' ? '' : `  ${about.clean(description)}`, 'dim'),
    ]),
  ]);
  return {
    lines,
    get hint() {
      const which = questions.length > 1 ? `question ${answers.length + 1}: ` : '';
      const several = questions[answers.length]?.multiple ? 'numbers, such as 1,2' : 'a number';
      return `${which}${several}, or your own words · /skip answers nothing`;
    },
    answer(text) {
      const said = text.trim();
      const question = questions[answers.length];
      if (said === '/skip') about.decide({ refuse: 'The person did not want to answer.' });
      else if (said === '' || question === undefined) return 'Choose, or write your own words.';
      else {
        const numbers = /^[\d\s,]+$/.test(said) ? said.split(/[\s,]+/).map(Number) : [];
        const chosen = numbers.map((number) => question.options[number - 1]?.label);
        if (chosen.some((label) => label === undefined)) return 'There is no such number.';
        if (chosen.length > 1 && !question.multiple) return 'Choose one.';
        const labels = [...new Set(chosen.filter((label) => label !== undefined))];
        answers.push(labels.length > 0 ? { chosen: labels } : { text: said });
        if (answers.length === questions.length) about.decide(answerTo(call, answers));
      }
      return undefined;
    },
  };
}

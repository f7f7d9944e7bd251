import type { CallPending } from '@throughline/core';
import type { Printer } from '../terminal/printer.ts';
import type { Style } from '../terminal/style.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { commandLine } from './command-line.ts';
import type { Again } from './command-line.ts';

/** Says which calls wait for a person, and the exact commands that decide each. */
export async function tellPending(
  pending: readonly CallPending[],
  session: string,
  { printer, again }: { readonly printer: Printer; readonly again: Again },
): Promise<void> {
  for (const { text, style } of await pendingWords(pending, session, again)) {
    printer.say(text, ...(style === undefined ? [] : [style]));
  }
}

/** Words with their style. */
interface Words {
  readonly text: string;
  readonly style?: Style;
}

/** The same as words, for another place than the terminal. They may still hold the key. */
export async function pendingWords(
  pending: readonly CallPending[],
  session: string,
  again: Again,
): Promise<readonly Words[]> {
  const { questionsOf } = await import('@throughline/toolkit-plan');
  const calls = pending.length === 1 ? 'one call' : `${pending.length} calls`;
  const words: Words[] = [
    {
      text: `Suspended: ${calls} of the session "${session}" waits for a person.`,
      style: 'yellow',
    },
  ];
  for (const call of pending) {
    const decide = (...more: string[]) =>
      `    ${commandLine(['sessions', 'decide', session, call.id, ...more], again)}`;
    const questions = questionsOf(call);
    if (questions === undefined) {
      const warning = call.mayHaveRun ? ' It was cut, and may have taken effect already.' : '';
      const shown = visibleLine(`${call.name} ${call.arguments}`);
      words.push({ text: `\n  ${shown}${warning}`, style: 'bold' });
      words.push({ text: `  To run it:\n${decide('--approve')}` });
    } else {
      for (const { question, options } of questions) {
        const labels = options.map(({ label }) => label).join(', ');
        words.push({
          text: `\n  ${visibleLine(question)} (${visibleLine(labels)})`,
          style: 'bold',
        });
      }
      const answers = questions.flatMap(({ options: [first] }) => ['--answer', first?.label ?? '']);
      words.push({ text: `  To answer it, for example:\n${decide(...answers)}` });
    }
    words.push({ text: `  To refuse it:\n${decide('--refuse', 'why not')}` });
  }
  return words;
}

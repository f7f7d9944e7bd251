import type { CallPending } from '@throughline/core';
import type { Printer } from '../terminal/printer.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { commandLine } from './command-line.ts';
import type { Again } from './command-line.ts';

/** Says which calls wait for a person, and the exact commands that decide each. */
export async function tellPending(
  pending: readonly CallPending[],
  session: string,
  { printer, again }: { readonly printer: Printer; readonly again: Again },
): Promise<void> {
  const { questionsOf } = await import('@throughline/toolkit-plan');
  const calls = pending.length === 1 ? 'one call' : `${pending.length} calls`;
  printer.say(`Suspended: ${calls} of the session "${session}" waits for a person.`, 'yellow');
  for (const call of pending) {
    const decide = (...words: string[]) =>
      `    ${commandLine(['sessions', 'decide', session, call.id, ...words], again)}`;
    const questions = questionsOf(call);
    if (questions === undefined) {
      const warning = call.mayHaveRun ? ' It was cut, and may have taken effect already.' : '';
      printer.say(`\n  ${visibleLine(`${call.name} ${call.arguments}`)}${warning}`, 'bold');
      printer.say(`  To run it:\n${decide('--approve')}`);
    } else {
      for (const { question, options } of questions) {
        const labels = options.map(({ label }) => label).join(', ');
        printer.say(`\n  ${visibleLine(question)} (${visibleLine(labels)})`, 'bold');
      }
      const answers = questions.flatMap(({ options: [first] }) => ['--answer', first?.label ?? '']);
      printer.say(`  To answer it, for example:\n${decide(...answers)}`);
    }
    printer.say(`  To refuse it:\n${decide('--refuse', 'why not')}`);
  }
}

import { textOf } from '@throughline/core';
import type { Run, RunEvent, RunResult, StopReason } from '@throughline/core';
import type { Host } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { Printer } from '../terminal/printer.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import type { Again } from './command-line.ts';
import { eventsWithoutKey } from './events-without-key.ts';
import { tellPending } from './tell-pending.ts';

/** How a run is printed. */
export interface PrintRun {
  readonly host: Host;
  /** Each event as a line of JSON on stdout, instead of the answer. */
  readonly json: boolean;
  readonly session: string;
  /** What a command that decides must say again. */
  readonly again: Again;
}

/**
 * Prints a run to its end: the answer to stdout, all else to stderr. Returns the exit code that says how it ended; a failure is
 * thrown.
 */
export async function printRun(run: Run<unknown>, how: PrintRun): Promise<number> {
  const printer = new Printer(how.host);
  for await (const event of eventsWithoutKey(run, how.host.env)) {
    if (how.json) printer.json(event);
    else tellEvent(event, printer);
  }
  const result = await run.result;
  if (!how.json) tellResult(result, printer);
  if (result.stopReason === 'suspended')
    await tellPending(result.pending, how.session, { ...how, printer });
  return codes[result.stopReason];
}

const codes: Readonly<Record<StopReason, number>> = {
  answer: exitCode.answer,
  length: exitCode.cut,
  content_filter: exitCode.cut,
  limit: exitCode.limit,
  suspended: exitCode.suspended,
  failed: exitCode.failed,
  aborted: exitCode.failed,
};

function tellEvent(event: RunEvent, printer: Printer): void {
  switch (event.type) {
    case 'call.start':
      return printer.say(`→ ${short(`${event.name} ${event.arguments}`)}`, 'cyan');
    case 'call.end': {
      const { name, outcome } = event;
      const mark = outcome === 'ok' ? '←' : `✗ ${outcome}:`;
      const told = short(textOf(event.message.content));
      return printer.say(`${mark} ${name}: ${told}`, outcome === 'ok' ? 'green' : 'red');
    }
    case 'step.retry':
      return printer.say(`The model is asked again: ${event.reason}`, 'yellow');
    case 'history.compacted':
      return printer.say(`The history was made shorter: ${event.note}`, 'yellow');
    case 'warning':
      return printer.say(`Warning: ${event.message}`, 'yellow');
    default:
  }
}

function tellResult(result: RunResult<unknown>, printer: Printer): void {
  const { stopReason, output, text } = result;
  if (stopReason !== 'suspended') {
    if (output === undefined) printer.out(text);
    else printer.json(output);
  }
  if (stopReason === 'limit') {
    const { name, used, max } = result.limit;
    printer.say(`The limit of ${name} ended the run: ${used} of ${max}.`, 'yellow');
  }
  if (stopReason === 'length') printer.say('The answer was cut at its token limit.', 'yellow');
  if (stopReason === 'content_filter') {
    printer.say('The answer was cut by the endpoint’s content filter.', 'yellow');
  }
}

function short(text: string): string {
  const line = visibleLine(text);
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

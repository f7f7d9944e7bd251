import type { CallScope } from '@throughline/core';
import type { Commands, Launch } from './commands.ts';
import { lastOf, wholeCharacters } from './excerpt.ts';
import type { Output } from './output.ts';
import { reportEnd } from './report.ts';

/** How often new output is told. */
const tellMs = 200;
/** The most characters of one piece of progress; what came before them is left out. */
const mostTold = 4_000;

/**
 * Runs a command to its end, or to its time-out, and returns the report. Yields what it writes meanwhile, a few times a
 * second. An abort ends the command in the background and rejects with the abort's reason at once.
 */
export async function* runToEnd(
  commands: Commands,
  launch: Launch,
  { scope, timeoutMs }: { readonly scope: CallScope; readonly timeoutMs: number },
): AsyncGenerator<string, string, void> {
  const { signal } = scope;
  const command = await commands.start(scope, launch);
  // Whoever waits for the next piece may not ask again after an abort.
  const abort = () => void command.stop('aborted');
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    for (let told = 0, leftMs = timeoutMs; leftMs > 0; leftMs = timeoutMs - command.ranMs) {
      if (await command.endsWithin(Math.min(tellMs, leftMs), signal)) break;
      const piece = newest(command.output, told);
      if (piece.text !== '') yield piece.text;
      told = piece.end;
    }
    const ending = command.ending ?? (await orAborted(signal, command.stop('timeout')));
    return reportEnd(command, ending, timeoutMs);
  } finally {
    signal.removeEventListener('abort', abort);
    void command.stop('aborted'); // where the caller has left early
  }
}

/** What came since, and where it ends: a character that is not all there is for the next time. */
function newest(output: Output, told: number): { readonly text: string; readonly end: number } {
  const from = Math.max(told, output.total - mostTold);
  const bytes = wholeCharacters(output.read(from, mostTold));
  const last = lastOf(bytes, mostTold);
  const end = from + bytes.length;
  return { text: told + last.bytes < end ? `…${last.text}` : last.text, end };
}

function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}

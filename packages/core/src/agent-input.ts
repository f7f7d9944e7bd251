import type { Decision } from './agent-options.ts';
import { shown } from './check-options.ts';
import { checkMessages } from './conversation.ts';
import { ThroughlineError, wordsOf } from './error.ts';
import type { Message } from './message.ts';
import { isSession } from './run-record.ts';
import type { TakenUp } from './run-record.ts';

/** The input of a run as messages. Throws `invalid_input` for what cannot be sent. */
export function toMessages(input: string | readonly Message[]): readonly Message[] {
  if (typeof input !== 'string') {
    checkMessages(input, 'input');
    if (input.length > 0) return input;
  } else if (input.trim() !== '') return [{ role: 'user', content: input }];
  throw new ThroughlineError(
    'invalid_input',
    `The input is empty (${JSON.stringify(input)}). Pass a question, or at least one message.`,
  );
}

/** Throws for what is neither a session nor a suspended run that this release reads, and for decisions on other calls. */
export function checkTakenUp(from: TakenUp, decisions: readonly Decision[]): void {
  if (!isSession(from) && from?.version !== 1) {
    const version = (from as { version?: unknown } | undefined)?.version;
    const why =
      version === undefined
        ? `${wordsOf(from)} cannot be resumed. Pass a session, or result.suspended.`
        : `A suspended run of version ${shown(version)} cannot be resumed: this release reads version 1.`;
    throw new ThroughlineError('invalid_input', why);
  }
  const asked = isSession(from)
    ? from.pending.map(({ callId }) => callId)
    : from.log.flatMap(({ event }) => (event.type === 'call.pending' ? [event.callId] : []));
  for (const { callId } of decisions) {
    if (asked.includes(callId)) continue;
    throw new ThroughlineError(
      'not_pending',
      `There is a decision on the call "${callId}", which was not asked about. Asked about: ${asked.join(', ') || 'none'}.`,
    );
  }
}

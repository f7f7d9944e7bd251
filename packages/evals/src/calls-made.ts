import type { AnswerGiven, RunEvent } from '@throughline/core';

/** A call that ran, as the model asked for it. */
export interface MadeCall {
  readonly name: string;
  /** As JSON text. */
  readonly arguments: string;
}

/** The calls that ran, in the order in which the model asked for them; those that were refused or doubtful never ran. */
export function callsMade(events: readonly RunEvent[]): readonly MadeCall[] {
  const ran = new Set<string>();
  for (const event of events) {
    if (event.type !== 'call.end') continue;
    const started = event.outcome !== 'refused' && event.outcome !== 'doubtful';
    if (started) ran.add(`${event.runId} ${event.step} ${event.call}`);
  }
  return answersIn(events).flatMap(({ runId, step, message }) =>
    (message.tool_calls ?? []).flatMap((call, index) =>
      ran.has(`${runId} ${step} ${index + 1}`) ? [call.function] : [],
    ),
  );
}

/** The whole answers, in order. */
export function answersIn(events: readonly RunEvent[]): readonly AnswerGiven[] {
  return events.filter((event) => event.type === 'answer');
}

import type { AnswerGiven } from '@throughline/core';
import { answersIn } from '../calls-made.ts';
import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';

/**
 * The share of the model's calls that were complete, valid and allowed in their step. Such as were not never ran: the model read why. `null`
 * where it made no call.
 */
export function noDoubts(): EventScorer {
  return named('noDoubts', ({ events }) => {
    const doubtful = new Map<string, string>();
    const note = (at: Place, why: string) => doubtful.set(`${at.runId} ${at.step} ${at.call}`, why);
    for (const event of events) {
      if (event.type === 'call.end' && event.outcome === 'doubtful') note(event, event.name);
      if (event.type !== 'answer') continue;
      for (const [call, why] of barriers(event)) note({ ...event, call }, why);
    }
    const calls = answersIn(events).reduce(
      (sum, { message }) => sum + (message.tool_calls?.length ?? 0),
      0,
    );
    if (calls === 0) return null;
    return { score: 1 - doubtful.size / calls, metadata: { doubts: [...doubtful.values()] } };
  });
}

interface Place {
  readonly runId: string;
  readonly step: number;
  readonly call: number;
}

function barriers({ doubts = {}, barred = {} }: AnswerGiven): readonly [number, string][] {
  return [...Object.entries(doubts), ...Object.entries(barred)].map(([call, why]) => [
    Number(call),
    why,
  ]);
}

import type { AssistantMessage, Message, RunEvent } from '@throughline/core';
import { answersIn } from '../calls-made.ts';
import { named } from '../scorer.ts';
import type { EventScorer } from '../scorer.ts';

/**
 * The share of the last run's thoughts that stand in its conversation byte for byte as they were streamed, ready to be sent back. `null`
 * where the model did not think, or where no run was watched to its end. What was compacted away does not count.
 */
export function reasoningKept(): EventScorer {
  return named('reasoningKept', ({ events, result }) => {
    const last = events.findLast(({ type }) => type === 'run.end')?.runId;
    const ofRun = events.filter(({ runId }) => runId === last);
    const compacted = ofRun.findLastIndex(({ type }) => type === 'history.compacted');
    const thinking = answersIn(ofRun.slice(compacted + 1)).filter(({ message }) =>
      thoughtOf(message),
    );
    if (result === undefined || thinking.length === 0) return null;
    const lost = thinking.flatMap(({ step, message }) => {
      const told = toldIn(ofRun, step);
      const kept = told === thoughtOf(message) && holds(result.messages, told);
      return kept ? [] : [step];
    });
    const score = 1 - lost.length / thinking.length;
    return { score, metadata: { thoughts: thinking.length, lostInSteps: lost } };
  });
}

/** What the step's last attempt has streamed. */
function toldIn(events: readonly RunEvent[], step: number): string {
  const ofStep = events.filter((event) => 'step' in event && event.step === step);
  const retried = ofStep.findLastIndex(({ type }) => type === 'step.retry');
  return ofStep
    .slice(retried + 1)
    .map((event) => (event.type === 'reasoning.delta' ? event.delta : ''))
    .join('');
}

function holds(messages: readonly Message[], thought: string): boolean {
  return messages.some((message) => message.role === 'assistant' && thoughtOf(message) === thought);
}

function thoughtOf({
  reasoning_content: thought,
  reasoning,
}: AssistantMessage): string | undefined {
  return (thought || reasoning) ?? undefined;
}

import type { CallEnd, RecordedEvent, RunEnd } from '../base/event.ts';
import type { Message } from '../base/message.ts';
import type { CallMade, RunResult, SuspendedRun } from '../base/run-result.ts';

/** What a run tells in its end, and what its events and its record add. */
export interface ResultParts<Output> {
  readonly end: RunEnd;
  readonly output: Output | undefined;
  readonly messages: readonly Message[];
  readonly recorded: readonly RecordedEvent[];
  readonly suspended: SuspendedRun | undefined;
}

export function toResult<Output>(parts: ResultParts<Output>): RunResult<Output> {
  const { end, output, messages, recorded, suspended } = parts;
  const { runId, text, usage, stopReason, steps, limit, pending = [] } = end;
  const answer = recorded.findLast((event) => event.type === 'answer' && event.runId === runId);
  const { reasoning_content, reasoning } = answer?.type === 'answer' ? answer.message : {};
  const facts = {
    text,
    reasoning: reasoning_content ?? reasoning ?? '',
    calls: callsOf(recorded, runId),
    messages,
    usage,
    steps,
    stopReason,
    output,
    pending,
    ...(limit === undefined ? {} : { limit }),
    ...(suspended === undefined ? {} : { suspended }),
  };
  // The loop ends a run as `answer` only with the output that was asked for, and as `limit` only with the limit.
  return facts as RunResult<Output>;
}

function callsOf(recorded: readonly RecordedEvent[], runId: string): readonly CallMade[] {
  const ends = recorded.filter(
    (event): event is CallEnd => event.type === 'call.end' && event.runId === runId,
  );
  const written = new Map<string, string>();
  for (const event of recorded) {
    if (event.type !== 'answer' || event.runId !== runId) continue;
    for (const [at, call] of (event.message.tool_calls ?? []).entries()) {
      written.set(`${event.step} ${at + 1}`, call.function.arguments);
    }
  }
  // They are told as they end.
  const inOrder = ends.toSorted((a, b) => a.step - b.step || a.call - b.call);
  return inOrder.map(({ step, call, callId, name, outcome, message, output }) => ({
    step,
    call,
    callId,
    name,
    arguments: written.get(`${step} ${call}`) ?? '{}',
    outcome,
    content: message.content,
    ...(output === undefined ? {} : { output }),
  }));
}

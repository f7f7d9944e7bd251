import { Allow, parse } from 'partial-json';
import type { GrowingCall } from './assemble.ts';
import type { Attempt } from './ask.ts';
import type { Course } from './course.ts';
import type { Json } from './model.ts';
import { Prefetch } from './prefetch.ts';

/** What goes on beside one attempt at an answer: early reads, and the structured answer as far as it is written. */
export function attemptAnswer(
  course: Course,
  step: number,
  signal: AbortSignal,
  bar: (name: string) => string | undefined,
): Attempt {
  const { plan, runId, telling, toolset } = course;
  const prefetch = new Prefetch(toolset.tools, plan.host, signal);
  course.prefetch = prefetch;
  return {
    onClosed(index, call) {
      if (bar(call.name) !== undefined) return;
      const number = index + 1;
      const idempotencyKey = `${runId}/${step}/call/${number}`;
      prefetch.start(call, { runId, step, call: number, callId: call.id, idempotencyKey });
    },
    onGrown(call) {
      if (call.name !== plan.output?.tool.name || !telling.wants('output.partial')) return;
      const output = partial(call);
      if (output !== undefined) telling.tell({ type: 'output.partial', runId, step, output });
    },
    discard: (reason) => prefetch.discard(reason),
  };
}

function partial({ arguments: text }: GrowingCall): Json | undefined {
  try {
    return parse(text, Allow.ALL) as Json;
  } catch {
    return undefined; // not even the beginning of JSON: checked when the call is whole
  }
}

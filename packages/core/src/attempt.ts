import type { Attempt } from './ask.ts';
import type { Course } from './course.ts';
import type { Json } from './model.ts';
import { Prefetch } from './prefetch.ts';

/** What an attempt needs beside its run. */
export interface Attempting {
  readonly step: number;
  readonly signal: AbortSignal;
  /** Why a tool may not be called in this step; undefined where it may. */
  readonly bar: (name: string) => string | undefined;
  readonly readPartial: ReadPartial | undefined;
}

/** Reads the beginning of some JSON text; undefined where it is not even that. */
export type ReadPartial = (text: string) => Json | undefined;

/** Loads the library only where a partial output is made and heard; few runs need it. */
export async function partialReader({ plan, telling }: Course): Promise<ReadPartial | undefined> {
  if (plan.output === undefined || !telling.wants('output.partial')) return undefined;
  const { Allow, parse } = await import('partial-json');
  return (text) => {
    try {
      return parse(text, Allow.ALL) as Json;
    } catch {
      return undefined; // checked when the call is whole
    }
  };
}

/** What goes on beside one attempt at an answer: early reads, and the structured answer as far as it is written. */
export function attemptAnswer(
  course: Course,
  { step, signal, bar, readPartial }: Attempting,
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
      if (readPartial === undefined || call.name !== plan.output?.tool.name) return;
      const output = readPartial(call.arguments);
      if (output !== undefined) telling.tell({ type: 'output.partial', runId, step, output });
    },
    discard: (reason) => prefetch.discard(reason),
  };
}

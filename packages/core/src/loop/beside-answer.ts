import { placeOf } from '../base/call-place.ts';
import type { Attempt } from '../answer/ask-with-retry.ts';
import type { Json } from '../base/model.ts';
import { Prefetch } from '../calls/prefetch.ts';
import { outputIn } from './output-plan.ts';
import type { RunState } from './run-state.ts';

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

/** Whether a partial output is made and heard. */
export function isShownInPart({ config, sink }: RunState): boolean {
  return config.output !== undefined && sink.wants('output.partial');
}

/** Loads the library; few runs need it. */
export async function partialReader(): Promise<ReadPartial> {
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
  state: RunState,
  { step, signal, bar, readPartial }: Attempting,
): Attempt {
  const { config, runId, sink, toolset } = state;
  const prefetch = new Prefetch(toolset.tools, config.host, signal);
  state.prefetch = prefetch;
  return {
    onClosed(index, call) {
      if (bar(call.name) !== undefined) return;
      const place = { runId, step, call: index + 1 };
      prefetch.start(call, { ...place, callId: call.id, idempotencyKey: placeOf(place) });
    },
    onGrown(call) {
      const plan = config.output;
      if (readPartial === undefined || call.name !== plan?.tool.name) return;
      const partial = readPartial(call.arguments);
      const output = partial === undefined ? undefined : outputIn(plan, partial);
      if (output !== undefined) sink.emit({ type: 'output.partial', runId, step, output });
    },
    discard: (reason) => prefetch.discard(reason),
  };
}

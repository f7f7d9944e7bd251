import { trace as spans } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { CallToRun, EventOf } from '@throughline/core';
import { argumentsOf, resultOf } from './content.ts';
import { failed, tracer } from './span.ts';
import type { Instruments } from './instruments.ts';

interface OpenCall {
  readonly span: Span;
  readonly context: Context;
  readonly name: string;
  readonly startedAtMs: number;
  /** When the tool's own work was over; its result is recorded after that. */
  settledAtMs?: number;
}

/** Where a call stands in its run. */
interface Place {
  readonly step: number;
  readonly call: number;
}

export interface CallsOfRun {
  readonly instruments: Instruments;
  readonly content: boolean;
  /** On the metric, too. */
  readonly agent: Attributes;
  /** The run's own. */
  readonly context: Context;
}

/** The spans of the calls of one run that run in this process. */
export class CallSpans {
  /** How many have begun. */
  count = 0;
  readonly #about: CallsOfRun;
  readonly #open = new Map<string, OpenCall>();

  constructor(about: CallsOfRun) {
    this.#about = about;
  }

  /** Begins the span of a call that runs now. A read that ran too early, for an answer that was void, is over by then. */
  begin(call: CallToRun, more: Attributes): { readonly context: Context; settled(): void } {
    const { callId, name, input } = call;
    const { agent, content, context } = this.#about;
    this.#leave(placeOf(call), 'discarded');
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': callId,
      ...agent,
      ...more,
      ...(content ? argumentsOf(input) : {}),
    };
    const startedAtMs = Date.now();
    const how = { attributes, startTime: startedAtMs };
    const span = tracer().startSpan(`execute_tool ${name}`, how, context);
    const made: OpenCall = { span, context: spans.setSpan(context, span), name, startedAtMs };
    this.#open.set(placeOf(call), made);
    this.count++;
    return { context: made.context, settled: () => (made.settledAtMs = Date.now()) };
  }

  /** Ends the span of a call. False where it has none: it was never started, or not in this process. */
  end(event: EventOf<'call.end'>): boolean {
    const open = this.#open.get(placeOf(event));
    if (open === undefined) return false;
    if (this.#about.content) open.span.setAttributes(resultOf(event));
    this.#leave(placeOf(event), event.outcome === 'ok' ? undefined : event.outcome);
    return true;
  }

  /** Ends all that are still open. */
  endAll(errorType: string | undefined): void {
    for (const place of this.#open.keys()) this.#leave(place, errorType);
  }

  contextOf(place: Place): Context | undefined {
    return this.#open.get(placeOf(place))?.context;
  }

  #leave(place: string, errorType: string | undefined): void {
    const open = this.#open.get(place);
    if (open === undefined) return;
    this.#open.delete(place);
    const { span, name, startedAtMs, settledAtMs: endedAtMs = Date.now() } = open;
    if (errorType !== undefined) failed(span, errorType);
    span.end(endedAtMs);
    const { instruments, agent } = this.#about;
    const error = errorType === undefined ? {} : { 'error.type': errorType };
    const attributes = { 'gen_ai.tool.name': name, ...agent, ...error };
    instruments.call((endedAtMs - startedAtMs) / 1000, attributes);
  }
}

const placeOf = ({ step, call }: Place) => `${step}/${call}`;

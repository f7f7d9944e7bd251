// This package owns what a run looks like in OpenTelemetry: spans, metrics, and the context inside of tools. It does not own where they go:
// that is the SDK which the program has registered. Without one it does next to nothing.

import { context } from '@opentelemetry/api';
import type { AnyAgent, AroundCall, EventOf, RunEvent } from '@throughline/core';
import { Instruments } from './instruments.ts';
import { toSettings } from './options.ts';
import type { OtelOptions, Settings } from './options.ts';
import { RunTrace } from './run-trace.ts';

/**
 * Has every run of `agent` told to OpenTelemetry from now on: a span `invoke_agent`, in it a span `chat` for each answer and `execute_tool`
 * for each call that ran, agents inside calls as children, and the metrics of all three. Returns the same agent. What a tool traces by itself
 * stands in the tool's span. Throws `invalid_option` for options that do not exist or have a value they cannot have.
 */
export function otel<A extends AnyAgent>(agent: A, options: OtelOptions = {}): A {
  const settings = toSettings(options);
  const telemetry = new Telemetry(agent, settings);
  const tell = (event: RunEvent) => telemetry.tell(event);
  for (const type of [...heard, ...(settings.chunkTimes ? deltas : [])]) agent.on(type, tell);
  agent.aroundCalls(telemetry.around);
  return agent;
}

/** No deltas, unless they are asked for: they would be made for this alone. */
const heard = [
  'run.start',
  'message',
  'step.start',
  'step.retry',
  'answer',
  'call.pending',
  'call.end',
  'call.event',
  'history.compacted',
  'run.end',
] as const;

const deltas = ['reasoning.delta', 'text.delta', 'call.delta'] as const;

/** Who hears of a run first tells it: an agent inside a call is heard by itself and by the outer agent. */
const traces = new Map<string, { readonly teller: Telemetry; readonly trace: RunTrace }>();

/** Ends of runs that were told: for those that hear of them second. */
const ends = new WeakSet<RunEvent>();

class Telemetry {
  readonly #agent: AnyAgent;
  readonly #settings: Settings;
  readonly #instruments: Instruments;

  constructor(agent: AnyAgent, settings: Settings) {
    this.#agent = agent;
    this.#settings = settings;
    this.#instruments = new Instruments(settings.metrics);
  }

  tell(event: RunEvent, outer?: { readonly trace: RunTrace; readonly at: EventOf<'call.event'> }) {
    const trace = this.#traceOf(event, outer);
    if (trace === undefined) return;
    if (event.type === 'call.event') this.tell(event.event, { trace, at: event });
    else trace.tell(event);
    if (event.type !== 'run.end') return;
    traces.delete(event.runId);
    ends.add(event);
  }

  readonly around: AroundCall = async (call, next) => {
    const known = traces.get(call.runId);
    if (known?.teller !== this) return next();
    const inside = known.trace.beginCall(call);
    try {
      return await context.with(inside.context, next);
    } finally {
      inside.settled();
    }
  };

  /** The trace of the event's run, begun with the first event that is told: a resumed run has no `run.start`. */
  #traceOf(
    event: RunEvent,
    outer?: { readonly trace: RunTrace; readonly at: EventOf<'call.event'> },
  ): RunTrace | undefined {
    const known = traces.get(event.runId);
    if (known !== undefined) return known.teller === this ? known.trace : undefined;
    if (ends.has(event)) return undefined;
    const trace = new RunTrace({
      settings: this.#settings,
      instruments: this.#instruments,
      parent: outer?.trace.insideOf(outer.at) ?? context.active(),
      first: event,
      agent: outer === undefined ? this.#agent : undefined,
      conversation: outer === undefined ? this.#settings.conversation() : outer.trace.conversation,
    });
    traces.set(event.runId, { teller: this, trace });
    return trace;
  }
}

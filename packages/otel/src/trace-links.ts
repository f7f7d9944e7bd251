import { trace as spans, TraceFlags } from '@opentelemetry/api';
import type { Link, Span } from '@opentelemetry/api';

/**
 * Where the trace of a run is kept until the run has come to its end, so that a resumed run links to it: `traceparent` of W3C by the id of the run. A
 * `Map` will do within one process.
 */
export interface TraceLinks {
  get(runId: string): string | undefined;
  set(runId: string, traceparent: string): unknown;
  /** The run has come to its end: it will not be resumed. */
  delete(runId: string): unknown;
}

/** So many runs are remembered. */
const most = 1_000;

/** The links of this process, of the latest runs. */
export function linksInMemory(): TraceLinks {
  const kept = new Map<string, string>();
  return {
    get: (runId) => kept.get(runId),
    set(runId, traceparent) {
      kept.delete(runId);
      kept.set(runId, traceparent);
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size > most) kept.delete(oldest);
    },
    delete: (runId) => kept.delete(runId),
  };
}

/** What a resumed run stood in before; none where nothing was kept, or what was kept names no span. */
export function linkTo(traceparent: string | undefined): readonly Link[] {
  const found = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  if (found === null) return [];
  const [, traceId = '', spanId = '', flags = ''] = found;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return spans.isSpanContextValid(context) ? [{ context }] : [];
}

/** Undefined where no SDK is registered: then there is no span to link to. */
export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags = TraceFlags.NONE } = span.spanContext();
  if (!spans.isSpanContextValid(span.spanContext())) return undefined;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

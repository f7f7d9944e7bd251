import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';

export const tracer = () => trace.getTracer('@throughline/otel');

/** Marks a span as failed. `message` is only for those who have asked for content: it may quote what was said. */
export function failed(span: Span, errorType: string, message?: string): void {
  span.setAttribute('error.type', errorType);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
}

import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** The SDK as a program registers it, with exporters that keep what they get. */
export function registerSdk() {
  const spans = new InMemorySpanExporter();
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: points,
    exportIntervalMillis: 3_600_000,
  });
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metering = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(metering);
  return {
    spans: () => spans.getFinishedSpans(),
    /** The spans that ended since the last look. */
    takeSpans() {
      const taken = [...spans.getFinishedSpans()];
      spans.reset();
      return taken;
    },
    async points() {
      await metering.forceFlush();
      const { scopeMetrics = [] } = points.getMetrics().at(-1) ?? {};
      return scopeMetrics.flatMap((scope) => scope.metrics);
    },
    async shutdown() {
      await tracing.shutdown();
      await metering.shutdown();
      for (const api of [context, trace, metrics]) api.disable();
    },
  };
}

/** Spans as a tree of names, in the order in which they began. */
export function treeOf(spans: readonly ReadableSpan[], parent?: ReadableSpan): readonly unknown[] {
  const id = parent?.spanContext().spanId;
  const isRoot = ({ parentSpanContext }: ReadableSpan) =>
    !spans.some((span) => span.spanContext().spanId === parentSpanContext?.spanId);
  return spans
    .filter((span) => (id === undefined ? isRoot(span) : span.parentSpanContext?.spanId === id))
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .map((span) => {
      const inside = treeOf(spans, span);
      return inside.length === 0 ? span.name : { [span.name]: inside };
    });
}

const timeOf = ({ startTime: [seconds, nanos] }: ReadableSpan) => seconds * 1e9 + nanos;

export function spanOf(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) {
    throw new Error(`no span "${name}" among ${spans.map((span) => span.name).join(', ')}`);
  }
  return found;
}

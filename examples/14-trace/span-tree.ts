import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** Spans as lines of text: each below the one it stands in, in the order in which they began, with its time and its tokens. */
export function treeOf(spans: readonly ReadableSpan[]): readonly string[] {
  const known = new Set(spans.map((span) => span.spanContext().spanId));
  const roots = spans.filter(({ parentSpanContext: parent }) => !known.has(parent?.spanId ?? ''));
  const rows = inOrder(roots).flatMap((span) => [row(span, ''), ...below(span, spans, '')]);
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows.map(({ name, facts }) => `${name.padEnd(width)}  ${facts}`.trimEnd());
}

/** The attributes of a span, one a line. */
export function attributesOf({ attributes }: ReadableSpan): readonly string[] {
  const names = Object.keys(attributes).sort();
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => `  ${name.padEnd(width)}  ${JSON.stringify(attributes[name])}`);
}

interface Row {
  readonly name: string;
  readonly facts: string;
}

function below(parent: ReadableSpan, spans: readonly ReadableSpan[], indent: string): Row[] {
  const { spanId } = parent.spanContext();
  const children = inOrder(spans.filter((span) => span.parentSpanContext?.spanId === spanId));
  return children.flatMap((span, at) => {
    const isLast = at === children.length - 1;
    const inner = below(span, spans, `${indent}${isLast ? '  ' : '│ '}`);
    return [row(span, `${indent}${isLast ? '└ ' : '├ '}`), ...inner];
  });
}

function inOrder(spans: readonly ReadableSpan[]): readonly ReadableSpan[] {
  return spans.toSorted((a, b) => millisecondsOf(a.startTime) - millisecondsOf(b.startTime));
}

function row({ name, duration, attributes, status }: ReadableSpan, branch: string): Row {
  const tokens = (kind: string) => attributes[`gen_ai.usage.${kind}_tokens`];
  const time = `${millisecondsOf(duration).toFixed(0)} ms`.padStart(9);
  const used =
    tokens('input') === undefined ? '' : `  ${tokens('input')} tokens in, ${tokens('output')} out`;
  const failure = status.message ?? attributes['error.type'];
  return { name: `${branch}${name}`, facts: `${time}${used}${failure ? `  ${failure}` : ''}` };
}

const millisecondsOf = ([seconds, nanoseconds]: readonly [number, number]) =>
  seconds * 1000 + nanoseconds / 1e6;

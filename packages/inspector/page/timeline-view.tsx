import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Row } from '../src/shown.ts';
import * as format from './format.ts';
import * as state from './state.ts';

/** Each row is so high, whatever it says: what is in view is known without asking the browser. */
const rowHeight = 30;
/** Rows that are drawn beyond what is in view. */
const spare = 10;

const sign: Readonly<Record<Row['kind'], string>> = {
  run: '▶',
  heard: '✉',
  step: '●',
  reasoning: '≈',
  text: '¶',
  call: 'ƒ',
  compacted: '⇲',
  retry: '↻',
  warning: '!',
  end: '■',
};

/** The rows of a session. Only those in view are in the page, and loaded. */
export function TimelineView() {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  const { total, selected, following, rowsVersion } = state;
  void rowsVersion.value;
  const from = Math.max(0, Math.floor(top.value / rowHeight) - spare);
  const to = Math.min(total.value, Math.ceil((top.value + height.value) / rowHeight) + spare);
  const inView = rowsIn(from, to);
  const scale = scaleOf(inView);

  const isRunning = state.opened.value?.state === 'running';
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => (state.now.value = Date.now()), 500);
    return () => clearInterval(timer);
  }, [isRunning]);
  useEffect(() => void state.loadRows(from, to), [from, to, rowsVersion.value, state.openId.value]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => {
      height.value = element.clientHeight;
      bringIntoView(element, selected.peek()); // in a narrow window the details take room of the rows
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (following.value) box.current?.scrollTo({ top: total.value * rowHeight });
  }, [total.value, following.value]);
  useEffect(() => bringIntoView(box.current, selected.value), [selected.value]);

  const scrolled = (element: HTMLDivElement) => {
    top.value = element.scrollTop;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight;
    following.value = isAtEnd && state.opened.value?.state === 'running';
  };
  return (
    <>
      <Columns scale={scale} />
      <div
        class="rows"
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label="Timeline"
        aria-activedescendant={selected.value === undefined ? undefined : `row-${selected.value}`}
        onScroll={({ currentTarget }) => scrolled(currentTarget)}
        onKeyDown={(event) => move(event, Math.floor(height.value / rowHeight))}
      >
        <div class="all" role="presentation" style={{ height: `${total.value * rowHeight}px` }}>
          {inView.map(([index, row]) => (
            <RowView key={index} index={index} row={row} scale={scale} />
          ))}
        </div>
      </div>
    </>
  );
}

function Columns({ scale }: { readonly scale: Scale }) {
  return (
    <div class="row head" aria-hidden="true">
      <span>what</span>
      <span>says</span>
      <span class="tokens">tokens, cost</span>
      <span class="bar-head">
        <span>time</span>
        <span>{scale.to > scale.from ? format.duration(scale.to - scale.from) : ''}</span>
      </span>
    </div>
  );
}

interface Scale {
  readonly from: number;
  readonly to: number;
  readonly mostTokens: number;
  readonly mostUsd: number;
}

function rowsIn(from: number, to: number): readonly (readonly [number, Row | undefined])[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => [
    from + at,
    state.rowAt(from + at),
  ]);
}

function scaleOf(rows: readonly (readonly [number, Row | undefined])[]): Scale {
  let scale: Scale = { from: Number.POSITIVE_INFINITY, to: 0, mostTokens: 1, mostUsd: 0 };
  for (const [, row] of rows) {
    if (row?.startMs !== undefined) scale = { ...scale, from: Math.min(scale.from, row.startMs) };
    const isOpen = row?.state === 'open' && state.opened.value?.state === 'running';
    const end = row?.endMs ?? (isOpen ? state.now.value : row?.startMs);
    if (end !== undefined) scale = { ...scale, to: Math.max(scale.to, end) };
    if (row?.kind !== 'step') continue;
    const mostTokens = Math.max(scale.mostTokens, sum(row));
    scale = { ...scale, mostTokens, mostUsd: Math.max(scale.mostUsd, row.usage?.costUsd ?? 0) };
  }
  return scale;
}

function sum({ usage }: Row): number {
  return (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
}

function RowView({
  index,
  row,
  scale,
}: {
  readonly index: number;
  readonly row: Row | undefined;
  readonly scale: Scale;
}) {
  const isSelected = state.selected.value === index;
  const place = { top: `${index * rowHeight}px` };
  const ids = {
    id: `row-${index}`,
    role: 'option',
    'aria-selected': isSelected,
    'aria-posinset': index + 1,
    'aria-setsize': state.total.value,
  } as const;
  if (row === undefined) return <div {...ids} class="row loading" style={place} />;
  const { kind, depth, marks = [] } = row;
  const choose = () => (state.selected.value = index);
  return (
    <div {...ids} class={`row ${kind} ${row.state ?? ''}`} style={place} onClick={choose}>
      <span
        class="what"
        style={{
          paddingLeft: `${(depth + (kind === 'run' || kind === 'step' || kind === 'end' || kind === 'heard' ? 0 : 1)) * 16}px`,
        }}
      >
        <i aria-hidden="true">{sign[kind]}</i>
        <b>{format.visible(kind === 'run' ? `run of ${row.title || 'an agent'}` : row.title)}</b>
        {row.state !== undefined && row.state !== 'ok' && <em>{row.state}</em>}
        {row.early && <em class="note">early</em>}
      </span>
      <span class="says">
        {marks.length > 0 && <em class="mark">{format.visible(marks.join('; '))}</em>}
        {format.visible(row.text)}
      </span>
      <span class="tokens">{kind === 'step' && <Tokens row={row} scale={scale} />}</span>
      <span class="bar">
        <Bar row={row} scale={scale} />
      </span>
    </div>
  );
}

function Tokens({ row, scale }: { readonly row: Row; readonly scale: Scale }) {
  const { usage } = row;
  if (usage === undefined) return undefined;
  const part = (count: number, most = scale.mostTokens) => ({ width: `${(count / most) * 100}%` });
  const words = `${usage.inputTokens} tokens in, ${usage.cachedTokens} of them cached; ${usage.outputTokens} out${usage.costUsd === undefined ? '' : `; ${format.dollars(usage.costUsd)}`}`;
  return (
    <span class="usage" title={words}>
      <span class="unseen">{words}</span>
      <span class="stack" aria-hidden="true">
        <s class="cached" style={part(usage.cachedTokens)} />
        <s class="in" style={part(usage.inputTokens - usage.cachedTokens)} />
        <s class="out" style={part(usage.outputTokens)} />
      </span>
      {scale.mostUsd > 0 && (
        <span class="stack cost" aria-hidden="true">
          <s style={part(usage.costUsd ?? 0, scale.mostUsd)} />
        </span>
      )}
      <span class="sum" aria-hidden="true">
        {format.dollars(usage.costUsd) || format.tokens(sum(row))}
      </span>
    </span>
  );
}

function Bar({ row, scale }: { readonly row: Row; readonly scale: Scale }) {
  const { startMs, endMs, measured } = row;
  if (
    startMs === undefined ||
    row.state === 'waits' ||
    (row.kind !== 'step' && row.kind !== 'call')
  )
    return undefined;
  const whole = Math.max(1, scale.to - scale.from);
  const end = endMs ?? scale.to;
  const left = ((startMs - scale.from) / whole) * 100;
  const width = Math.max(0, ((end - startMs) / whole) * 100);
  const words = measured
    ? format.duration(end - startMs)
    : `between two answers: at most ${format.duration(end - startMs)}`;
  return (
    <s
      class={`${row.kind}${measured ? '' : ' unsure'}`}
      title={words}
      style={{ left: `${left}%`, width: `max(3px, ${width}%)` }}
    />
  );
}

function move(event: KeyboardEvent, page: number): void {
  const { total, selected } = state;
  const now = selected.value ?? -1;
  const to = {
    ArrowDown: now + 1,
    ArrowUp: now - 1,
    PageDown: now + page,
    PageUp: now - page,
    Home: 0,
    End: total.value - 1,
  }[event.key];
  if (to !== undefined && total.value > 0) {
    event.preventDefault();
    selected.value = Math.min(total.value - 1, Math.max(0, to));
  }
  if (event.key === 'Enter') document.getElementById('details')?.focus();
}

function bringIntoView(box: HTMLDivElement | null, index: number | undefined): void {
  if (box === null || index === undefined) return;
  const top = index * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + rowHeight > box.scrollTop + box.clientHeight)
    box.scrollTop = top + rowHeight - box.clientHeight;
}

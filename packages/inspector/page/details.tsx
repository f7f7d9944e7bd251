import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Row } from '../src/shown.ts';
import { Decide } from './decide.tsx';
import { Fork } from './fork.tsx';
import * as format from './format.ts';
import { RequestView } from './request-view.tsx';
import { query } from './source.ts';
import * as state from './state.ts';
import { Long } from './long.tsx';

type Event = Readonly<Record<string, unknown>>;

/** What the selected row says in full. It is loaded when the row is selected. */
export function Details() {
  const row = state.selectedRow.value;
  const event = useSignal<Event | undefined>(undefined);
  const end = useSignal<Event | undefined>(undefined);
  const id = state.openId.value ?? '';
  useEffect(() => {
    event.value = undefined;
    end.value = undefined;
    let isWanted = true;
    const load = (seq: number | undefined, into: typeof event) => {
      if (seq === undefined || seq === 0) return;
      const asked = state.source.value?.line(id, seq);
      asked?.then((value) => isWanted && (into.value = value), state.tellProblem);
    };
    load(row?.seq, event);
    load(row?.endSeq, end);
    return () => (isWanted = false);
  }, [id, row?.seq, row?.endSeq, row?.call]);
  if (row === undefined) return undefined;
  return (
    <aside class="details" id="details" tabIndex={-1} aria-label="Details">
      <header>
        <h3>{format.visible(headingOf(row))}</h3>
        <button
          type="button"
          class="plain"
          aria-label="Close the details"
          onClick={() => (state.selected.value = undefined)}
        >
          ×
        </button>
      </header>
      {(row.marks ?? []).map((mark) => (
        <p key={mark} class="warning">
          {format.visible(mark)}
        </p>
      ))}
      {row.seq === 0 ? (
        <Long text={row.text} />
      ) : (
        <Content row={row} event={event.value} end={end.value} />
      )}
      {row.seq !== 0 && <Downloads id={id} row={row} />}
    </aside>
  );
}

function headingOf({ kind, title, step, call }: Row): string {
  if (kind === 'call') return `${title} · call ${call} of step ${step}`;
  if (kind === 'reasoning' || kind === 'text') return `${title} of step ${step}`;
  return kind === 'heard' ? `message: ${title}` : title;
}

function Content({
  row,
  event,
  end,
}: {
  readonly row: Row;
  readonly event: Event | undefined;
  readonly end: Event | undefined;
}) {
  if (event === undefined) return <p class="faint">Loading…</p>;
  if (typeof event['leftOut'] === 'string')
    return <p class="faint">Left out of this file: {event['leftOut']}.</p>;
  const message = (event['message'] ?? {}) as Event;
  switch (row.kind) {
    case 'reasoning':
      return (
        <Long
          text={String(message['reasoning_content'] ?? message['reasoning'] ?? '')}
          class="reasoning"
        />
      );
    case 'text':
      return <Long text={String(message['content'] ?? '')} class="text" />;
    case 'heard':
      return <Heard row={row} event={event} />;
    case 'call':
      return <Call row={row} answer={event} end={end} />;
    case 'step':
      return <Step row={row} event={event} />;
    default:
      return <Long text={JSON.stringify(event, null, 2)} class="json" />;
  }
}

function Heard({ row, event }: { readonly row: Row; readonly event: Event }) {
  const messages = (event['messages'] ?? []) as readonly Event[];
  const text = messages.map(({ content }) => textOf(content)).join('\n\n');
  return (
    <>
      <Long text={text} class="text" />
      {row.depth === 0 && messages.length === 1 && messages[0]?.['role'] === 'user' && (
        <Fork row={row} seq={row.seq} what="message" text={text} />
      )}
    </>
  );
}

function Call({
  row,
  answer,
  end,
}: {
  readonly row: Row;
  readonly answer: Event;
  readonly end: Event | undefined;
}) {
  const at = row.call ?? 0;
  const calls = ((answer['message'] as Event)?.['tool_calls'] ?? []) as readonly {
    readonly function?: { readonly arguments?: unknown };
  }[];
  const broken = ((answer['broken'] ?? {}) as Event)[String(at)];
  const result = end === undefined ? undefined : textOf((end['message'] as Event)?.['content']);
  return (
    <>
      <Facts row={row} />
      {row.state === 'waits' && row.pendingId !== undefined && (
        <Decide key={row.pendingId} row={row} pendingId={row.pendingId} />
      )}
      <h4>Arguments</h4>
      <Long
        text={format.pretty(String(broken ?? calls[at - 1]?.function?.arguments ?? ''))}
        class="json"
      />
      {result !== undefined && (
        <>
          <h4>What the model reads</h4>
          <Long text={result} class={format.isDiff(result) ? 'diff' : 'json'} />
        </>
      )}
      {end?.['output'] !== undefined && (
        <>
          <h4>What the tool returned</h4>
          <Long text={JSON.stringify(end['output'], null, 2)} class="json" />
        </>
      )}
      {result !== undefined && row.endSeq !== undefined && row.depth === 0 && (
        <Fork row={row} seq={row.endSeq} what="result" text={result} />
      )}
    </>
  );
}

function Step({ row, event }: { readonly row: Row; readonly event: Event }) {
  const timing = (event['timing'] ?? {}) as {
    readonly firstPartMs?: number;
    readonly totalMs?: number;
    readonly tokensPerSecond?: number;
  };
  const { usage } = row;
  const response = (event['response'] ?? {}) as { readonly id?: string; readonly model?: string };
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['finish', String(event['finishReason'] ?? '')],
    [
      'first part',
      timing.firstPartMs === undefined ? undefined : format.duration(timing.firstPartMs),
    ],
    ['whole answer', timing.totalMs === undefined ? undefined : format.duration(timing.totalMs)],
    [
      'speed',
      timing.tokensPerSecond === undefined
        ? undefined
        : `${timing.tokensPerSecond.toFixed(0)} tokens/s`,
    ],
    ['tokens in', usage && `${usage.inputTokens} (${usage.cachedTokens} cached)`],
    ['tokens out', usage && `${usage.outputTokens} (${usage.reasoningTokens} reasoning)`],
    ['cost', format.dollars(usage?.costUsd)],
    ['asked', `${String(event['attempts'])}×`],
    ['answered by', response.model],
    ['response', response.id],
  ];
  return (
    <>
      <Pairs pairs={facts} />
      <RequestView row={row} />
      {row.depth === 0 && <Fork row={row} seq={row.seq} what="step" />}
    </>
  );
}

function Facts({ row }: { readonly row: Row }) {
  const { startMs, endMs, measured } = row;
  const took =
    startMs === undefined || endMs === undefined ? undefined : format.duration(endMs - startMs);
  return (
    <Pairs
      pairs={[
        ['outcome', row.state],
        [
          'took',
          took === undefined
            ? undefined
            : measured
              ? took
              : `at most ${took}: the time between two answers`,
        ],
      ]}
    />
  );
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string | undefined])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{format.visible(value)}</dd>
          </div>
        ) : undefined,
      )}
    </dl>
  );
}

function Downloads({ id, row }: { readonly id: string; readonly row: Row }) {
  const source = state.source.value;
  if (source === undefined || source.isFile) return undefined;
  const get = (seq: number) => () =>
    source
      .download(`line?${query({ id, seq, whole: 1 })}`, `line-${seq}.json`)
      .catch(state.tellProblem);
  const cassette = () =>
    source
      .download(`cassette?${query({ id, run: row.runId })}`, `run-${row.seq}.jsonl`)
      .catch(state.tellProblem);
  return (
    <footer>
      {row.kind === 'run' && row.depth === 0 && state.abilities.value.cassette && (
        <button type="button" class="plain" onClick={cassette}>
          Make a cassette of this run
        </button>
      )}
      <button type="button" class="plain" onClick={get(row.seq)}>
        Download line {row.seq}
      </button>
      {row.endSeq !== undefined && (
        <button type="button" class="plain" onClick={get(row.endSeq)}>
          Download line {row.endSeq}
        </button>
      )}
    </footer>
  );
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return JSON.stringify(content, null, 2) ?? '';
}

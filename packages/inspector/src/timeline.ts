import type { AnswerGiven, CallEnd, EventOf, RecordedEvent, SessionLine } from '@throughline/core';
import { oneLine, textOfContent } from './preview.ts';
import type { Row } from './shown.ts';

/** What only a live run tells, kept for the timeline: when calls ran, retries, warnings. */
export interface LiveNote {
  readonly kind: 'retry' | 'warning';
  readonly step: number;
  readonly text: string;
}

export interface CallTimes {
  readonly startMs: number;
  readonly endMs?: number;
  readonly early: boolean;
}

/** What this process has seen of runs itself. */
export interface LiveFacts {
  notes(runId: string): readonly LiveNote[];
  times(place: string): CallTimes | undefined;
}

/** A place of a call, as `LiveFacts` names it. */
export function placeOf({
  runId,
  step,
  call,
}: {
  runId: string;
  step: number;
  call: number;
}): string {
  return `${runId} ${step} ${call}`;
}

/** The rows of a session: a flat list in the order of the log, each with one line of preview and no content. */
export class Timeline {
  readonly rows: Row[] = [];
  /** Of each line, the row that shows it, by the line's number: a decision is shown in the row of its call. */
  readonly rowOfLine: number[] = [];
  readonly #live: LiveFacts;
  readonly #calls = new Map<string, number>();
  /** Of each run: its calls that have no end of time yet, and how many notes were shown. */
  readonly #untimed = new Map<string, number[]>();
  readonly #notesShown = new Map<string, number>();

  constructor(live: LiveFacts) {
    this.#live = live;
  }

  add({ seq, event }: SessionLine): void {
    const at = { seq, runId: event.runId, depth: depthOf(event.runId) };
    switch (event.type) {
      case 'run.start':
        this.#push({
          ...at,
          kind: 'run',
          title: event.agent,
          text: event.model,
          size: 0,
          startMs: event.startedAtMs,
        });
        break;
      case 'message': {
        const text = event.messages.map(({ content }) => textOfContent(content)).join('\n');
        this.#push({
          ...at,
          kind: 'heard',
          title: event.source,
          text: oneLine(text),
          size: text.length,
        });
        break;
      }
      case 'answer':
        this.#answer(event, at);
        break;
      case 'call.start':
        this.#change(event, (row) => ({ ...row, state: 'open' }));
        break;
      case 'call.pending':
        this.#change(event, (row) => ({ ...row, state: 'waits', pendingId: event.id }));
        break;
      case 'call.decided':
        this.#decided(event);
        break;
      case 'call.end':
        this.#end(event, seq);
        break;
      case 'history.compacted':
        this.#push({
          ...at,
          kind: 'compacted',
          step: event.step,
          title: 'compaction',
          text: oneLine(event.note),
          size: event.note.length,
        });
        break;
      case 'run.end':
        this.#runEnd(event, at);
        break;
    }
    const ofCall = 'call' in event ? this.#calls.get(placeOf(event)) : undefined;
    if (ofCall !== undefined) this.rowOfLine[seq] = ofCall;
  }

  #answer(event: AnswerGiven, at: Pick<Row, 'seq' | 'runId' | 'depth'>): void {
    this.#notes(event.runId, event.step, at.depth);
    const { message, step, timing, endedAtMs, usage } = event;
    const startMs = endedAtMs - (timing?.totalMs ?? 0);
    for (const index of this.#untimed.get(event.runId) ?? []) {
      const row = this.rows[index];
      if (row?.startMs !== undefined && row.measured !== true)
        this.rows[index] = { ...row, endMs: startMs };
    }
    const text = message.content ?? '';
    const calls = message.tool_calls ?? [];
    const marks = marksOf(event);
    const said =
      calls.length === 0 ? 'answer' : calls.length === 1 ? '1 call' : `${calls.length} calls`;
    this.#push({
      ...at,
      kind: 'step',
      step,
      title: `step ${step}`,
      text:
        event.finishReason === 'stop' || event.finishReason === 'tool_calls'
          ? said
          : `${said}, ${event.finishReason}`,
      size: 0,
      startMs,
      endMs: endedAtMs,
      measured: true,
      ...(usage === undefined ? {} : { usage }),
      ...(marks.length === 0 ? {} : { marks }),
    });
    const reasoning = message.reasoning_content ?? message.reasoning ?? '';
    if (reasoning !== '')
      this.#push({
        ...at,
        kind: 'reasoning',
        step,
        title: 'reasoning',
        text: oneLine(reasoning),
        size: reasoning.length,
      });
    if (text !== '')
      this.#push({
        ...at,
        kind: 'text',
        step,
        title: 'text',
        text: oneLine(text),
        size: text.length,
      });
    this.#untimed.set(
      event.runId,
      calls.map((call, index) => this.#call(event, at, { call, number: index + 1 })),
    );
  }

  /** The row of a call, and where it is. */
  #call(
    event: AnswerGiven,
    at: Pick<Row, 'seq' | 'runId' | 'depth'>,
    {
      call,
      number,
    }: { call: NonNullable<AnswerGiven['message']['tool_calls']>[number]; number: number },
  ): number {
    const place = placeOf({ runId: event.runId, step: event.step, call: number });
    const doubt = event.doubts?.[number] ?? event.barred?.[number];
    const leaked = event.leaked?.includes(number) === true ? ['stood in the text'] : [];
    const marks = [...(doubt === undefined ? [] : [doubt]), ...leaked];
    const args = event.broken?.[number] ?? call.function.arguments;
    this.#calls.set(place, this.rows.length);
    this.#push({
      ...at,
      kind: 'call',
      step: event.step,
      call: number,
      title: call.function.name,
      text: oneLine(args),
      size: args.length,
      state: 'open',
      ...this.#timesOf(place, { startMs: event.endedAtMs }),
      ...(marks.length === 0 ? {} : { marks }),
    });
    return this.rows.length - 1;
  }

  #timesOf(place: string, otherwise: Partial<Row>): Partial<Row> {
    const known = this.#live.times(place);
    if (known === undefined) return otherwise;
    return { ...known, measured: true };
  }

  #decided(event: EventOf<'call.decided'>): void {
    const { decision } = event;
    const word = decision.approve
      ? 'approved'
      : decision.refuse === undefined
        ? 'answered by a person'
        : `refused: ${oneLine(decision.refuse, 80)}`;
    this.#change(event, (row) => ({
      ...row,
      state: 'open',
      marks: [...(row.marks ?? []), word],
    }));
  }

  #end(event: CallEnd, seq: number): void {
    const text = textOfContent(event.message.content);
    const hasRun = event.outcome !== 'doubtful' && event.outcome !== 'refused';
    this.#change(event, (whole) => {
      const { pendingId: _, ...row } = whole;
      const { startMs: _start, endMs: _end, ...timeless } = row;
      return {
        ...(hasRun ? row : timeless),
        ...this.#timesOf(placeOf(event), {}),
        state: event.outcome,
        endSeq: seq,
        text: oneLine(`${row.text} → ${oneLine(text, 120)}`, 260),
        size: row.size + text.length,
      };
    });
  }

  #runEnd(event: EventOf<'run.end'>, at: Pick<Row, 'seq' | 'runId' | 'depth'>): void {
    this.#notes(event.runId, Number.POSITIVE_INFINITY, at.depth);
    const why =
      event.error?.message ??
      (event.limit === undefined
        ? ''
        : `limit ${event.limit.name}: ${event.limit.used} of ${event.limit.max}`);
    this.#push({
      ...at,
      kind: 'end',
      title: 'run ends',
      state: event.stopReason,
      text: oneLine(why),
      size: why.length,
      usage: event.usage,
    });
  }

  /** What was told live of the steps up to this one. */
  #notes(runId: string, upTo: number, depth: number): void {
    const notes = this.#live.notes(runId);
    let shown = this.#notesShown.get(runId) ?? 0;
    for (let note = notes[shown]; note !== undefined && note.step <= upTo; note = notes[++shown]) {
      this.#push({
        kind: note.kind,
        seq: 0,
        runId,
        depth,
        step: note.step,
        title: note.kind,
        text: oneLine(note.text),
        size: note.text.length,
      });
    }
    this.#notesShown.set(runId, shown);
  }

  #change(
    event: RecordedEvent & { readonly step: number; readonly call: number },
    change: (row: Row) => Row,
  ): void {
    const index = this.#calls.get(placeOf(event));
    const row = index === undefined ? undefined : this.rows[index];
    if (index !== undefined && row !== undefined) this.rows[index] = change(row);
  }

  #push(row: Row): void {
    if (row.seq !== 0) this.rowOfLine[row.seq] ??= this.rows.length;
    this.rows.push(row);
  }
}

/** The run of an agent inside a call has the key of the call in its id: `…/3/call/1`. */
function depthOf(runId: string): number {
  return runId.match(/\/\d+\/call\/\d+/g)?.length ?? 0;
}

function marksOf({ attempts, mended = [], atLimit, usage }: AnswerGiven): readonly string[] {
  return [
    ...(attempts > 1 ? [`asked ${attempts} times`] : []),
    ...mended,
    ...(atLimit === undefined ? [] : [`last answer: limit ${atLimit.name}`]),
    ...(usage?.estimated ? ['tokens are estimated'] : []),
  ];
}

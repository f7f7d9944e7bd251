import { addUsage, noUsage } from '@throughline/core';
import type {
  AnswerGiven,
  CallEnd,
  CallPending,
  RecordedEvent,
  RunEnd,
  SessionLine,
  Usage,
} from '@throughline/core';
import { oneLine, textOfContent } from './preview.ts';
import type { Summary } from './shown.ts';
import { placeOf } from './timeline.ts';

/** What the list says of a session, folded from its lines. It keeps no content. */
export class Digest {
  /** Lines up to this one are a parent's. */
  readonly #inherited: number;
  readonly #pending = new Map<string, CallPending>();
  readonly #startedAt = new Map<string, number>();
  #runId: string | undefined;
  #firstSeq = 0;
  #heard = false;
  #end: RunEnd | undefined;
  #title = '';
  #agent = '';
  #model = '';
  #runs = 0;
  #steps = 0;
  #calls = 0;
  #errors = 0;
  #durationMs = 0;
  #usage: Usage = noUsage;
  lastSeq = 0;

  constructor(inherited = 0) {
    this.#inherited = inherited;
  }

  add({ seq, runId, event }: SessionLine): void {
    this.lastSeq = seq;
    if (this.#runId !== runId) this.#begin(runId, seq);
    const isOwn = event.runId === runId;
    this.#count(event, isOwn);
    if (!isOwn) return;
    if (event.type === 'run.end') this.#end = event;
    else this.#end = undefined;
    if (event.type === 'message') this.#heard = true;
  }

  /** What is told of it, beside the facts of its file. */
  get told(): Omit<Summary, 'id' | 'state' | 'changedAtMs' | 'bytes' | 'parent'> {
    return {
      title: this.#title,
      agent: this.#agent,
      model: this.#model,
      runs: this.#runs,
      steps: this.#steps,
      calls: this.#calls,
      errors: this.#errors,
      durationMs: this.#durationMs,
      usage: this.#usage,
      pending: this.state === 'ready' ? [] : [...this.#pending.values()],
    };
  }

  /** As `session.state` says it, without opening the session. */
  get state(): 'ready' | 'stopped' | 'suspended' | 'cut' {
    if (!this.#heard || this.#firstSeq <= this.#inherited) return 'ready';
    if (this.#end === undefined) return 'cut';
    const { stopReason } = this.#end;
    const waits = stopReason === 'failed' && this.#pending.size > 0;
    if (stopReason === 'suspended' || waits) return 'suspended';
    return stopReason === 'failed' || stopReason === 'aborted' ? 'stopped' : 'ready';
  }

  #begin(runId: string, seq: number): void {
    this.#runId = runId;
    this.#firstSeq = seq;
    this.#heard = false;
    this.#end = undefined;
    this.#runs++;
    this.#pending.clear();
  }

  #count(event: RecordedEvent, isOwn: boolean): void {
    switch (event.type) {
      case 'run.start':
        this.#startedAt.set(event.runId, event.startedAtMs);
        if (!isOwn) break;
        this.#agent = event.agent;
        this.#model = event.model;
        break;
      case 'message':
        if (this.#title === '') this.#title = titleOf(event);
        break;
      case 'answer':
        this.#usage = addUsage(this.#usage, event.usage);
        this.#calls += event.message.tool_calls?.length ?? 0;
        if (!isOwn) break;
        this.#steps++;
        this.#took(event);
        break;
      case 'call.pending':
        this.#pending.set(placeOf(event), event);
        break;
      case 'call.decided':
        this.#pending.delete(placeOf(event));
        break;
      case 'call.end':
        this.#dropPending(event);
        if (event.outcome !== 'ok' && event.outcome !== 'refused') this.#errors++;
        break;
      case 'history.compacted':
        this.#usage = addUsage(this.#usage, event.usage);
        break;
      case 'run.end':
        if (isOwn && event.stopReason === 'failed') this.#errors++;
        this.#startedAt.delete(event.runId); // the time until somebody resumes it is no work
        break;
    }
  }

  /** A call that ends takes with it what waits inside. */
  #dropPending(ended: CallEnd): void {
    this.#pending.delete(placeOf(ended));
    const inside = `${ended.runId}/${ended.step}/call/${ended.call}/`; // as runs inside calls are named
    for (const [place, { runId }] of this.#pending) {
      if (`${runId}/`.startsWith(inside)) this.#pending.delete(place);
    }
  }

  #took({ runId, endedAtMs, timing }: AnswerGiven): void {
    const from = this.#startedAt.get(runId) ?? endedAtMs - (timing?.totalMs ?? 0);
    if (endedAtMs > from) this.#durationMs += endedAtMs - from;
    this.#startedAt.set(runId, endedAtMs);
  }
}

function titleOf(event: RecordedEvent & { readonly type: 'message' }): string {
  return oneLine(event.messages.map(({ content }) => textOfContent(content)).join(' '), 140);
}

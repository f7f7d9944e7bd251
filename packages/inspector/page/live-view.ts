import type { Row } from '../src/shown.ts';
import type { LiveEvent } from './source.ts';

/** So many characters of a text under way are shown: its end. */
const mostChars = 4_000;

export interface LiveCall {
  readonly call: number;
  readonly name: string;
  readonly arguments: string;
  readonly state: string;
  readonly progress?: string;
}

/** What a run tells of the step under way. Each change makes a new one, so that a signal sees it. */
export class LiveView {
  readonly step: number | undefined;
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly LiveCall[];
  readonly notes: readonly string[];
  readonly inside: string;

  constructor(from: Partial<LiveView> = {}) {
    this.step = from.step;
    this.reasoning = from.reasoning ?? '';
    this.text = from.text ?? '';
    this.calls = from.calls ?? [];
    this.notes = from.notes ?? [];
    this.inside = from.inside ?? '';
  }

  get isEmpty(): boolean {
    return this.step === undefined && this.calls.length === 0 && this.notes.length === 0;
  }

  with(events: readonly LiveEvent[]): LiveView {
    return events.reduce<LiveView>((view, event) => view.#with(event), this);
  }

  /** What is a row by now is shown there. */
  withoutStored(rows: readonly Row[]): LiveView {
    if (rows.some(({ kind, depth }) => kind === 'end' && depth === 0)) return new LiveView();
    const answered = rows.some(
      ({ kind, depth, step }) => kind === 'step' && depth === 0 && step === this.step,
    );
    return answered ? new LiveView({ ...this, reasoning: '', text: '' }) : this;
  }

  #with(event: LiveEvent): LiveView {
    switch (event.type) {
      case 'step.start':
        return new LiveView(event.step === undefined ? {} : { step: event.step });
      case 'reasoning.delta':
        return new LiveView({ ...this, reasoning: end(this.reasoning + (event.delta ?? '')) });
      case 'text.delta':
        return new LiveView({ ...this, text: end(this.text + (event.delta ?? '')) });
      case 'call.delta':
        return this.#call(event, (call) => ({
          ...call,
          arguments: end(call.arguments + (event.delta ?? '')),
        }));
      case 'call.start':
        return this.#call(event, (call) => ({
          ...call,
          state: 'runs',
          arguments: end(event.arguments ?? ''),
        }));
      case 'call.progress':
        return this.#call(event, (call) => ({
          ...call,
          progress: end(JSON.stringify(event.progress) ?? ''),
        }));
      case 'call.pending':
        return this.#call(event, (call) => ({
          ...call,
          state: 'waits',
          arguments: end(event.arguments ?? ''),
        }));
      case 'call.end':
        return this.#call(event, (call) => ({ ...call, state: 'done' }));
      case 'step.retry':
        return new LiveView({
          ...this,
          reasoning: '',
          text: '',
          calls: [],
          notes: [...this.notes, `The model is asked again: ${event.reason ?? ''}`].slice(-5),
        });
      case 'warning':
        return typeof event.message === 'string' && event.message !== ''
          ? new LiveView({ ...this, notes: [...this.notes, event.message].slice(-5) })
          : this;
      case 'call.event':
        return new LiveView({ ...this, inside: innerWords(event.event) ?? this.inside });
      case 'run.end':
        return new LiveView();
      default:
        return this;
    }
  }

  #call({ call = 0, name = '' }: LiveEvent, change: (call: LiveCall) => LiveCall): LiveView {
    const known = this.calls.find((one) => one.call === call) ?? {
      call,
      name,
      arguments: '',
      state: 'is written',
    };
    const others = this.calls.filter((one) => one.call !== call);
    return new LiveView({
      ...this,
      calls: [...others, change(known)].sort((a, b) => a.call - b.call),
    });
  }
}

function innerWords(event: LiveEvent | undefined): string | undefined {
  if (event === undefined) return undefined;
  if (event.type === 'call.event') return innerWords(event.event);
  if (event.type === 'call.start') return `inside: ${event.name ?? ''} runs`;
  return event.type === 'step.start' ? `inside: step ${event.step ?? ''}` : undefined;
}

function end(text: string): string {
  return text.length <= mostChars ? text : `…${text.slice(-mostChars)}`;
}

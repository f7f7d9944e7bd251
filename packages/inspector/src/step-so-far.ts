import type { RunEvent } from '@throughline/core';

/** A reader that joins gets so many characters of each stream. */
const mostChars = 100_000;
/** The largest progress that is told live. */
const mostProgress = 4_000;

/** What the step under way has told that no stored line holds yet: what a reader that joins is told first. */
export class StepSoFar {
  readonly #streams = new Map<string, RunEvent & { readonly delta: string }>();
  readonly #others: RunEvent[] = [];

  add(event: RunEvent): void {
    if (event.type === 'step.start' || event.type === 'step.retry' || event.type === 'run.end')
      this.#clear();
    if (event.type === 'answer') this.#streams.clear();
    if ('delta' in event) {
      const key = `${event.type} ${'call' in event ? event.call : ''}`;
      const before = this.#streams.get(key)?.delta ?? '';
      this.#streams.set(key, { ...event, delta: (before + event.delta).slice(-mostChars) });
      return;
    }
    if (
      !['step.start', 'call.start', 'call.progress', 'call.end', 'step.retry', 'warning'].includes(
        event.type,
      )
    )
      return;
    if (event.type === 'call.progress') this.#forgetProgress(event.call);
    this.#others.push(forPage(event));
    if (this.#others.length > 200) this.#others.shift();
  }

  get events(): readonly RunEvent[] {
    return [...this.#others, ...this.#streams.values()];
  }

  /** Of a call's progress the last stands for those before: a tool that tells much must not push out what the step has told. */
  #forgetProgress(call: number): void {
    const at = this.#others.findIndex((one) => one.type === 'call.progress' && one.call === call);
    if (at !== -1) this.#others.splice(at, 1);
  }

  #clear(): void {
    this.#streams.clear();
    this.#others.length = 0;
  }
}

/** A live event for the page: what is stored is loaded when it is opened, and never travels with the stream. */
export function forPage(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'call.event':
      return { ...event, event: forPage(event.event) };
    case 'call.progress': {
      const text = JSON.stringify(event.progress) ?? 'null';
      return text.length <= mostProgress
        ? event
        : { ...event, progress: `${text.slice(0, mostProgress)}…` };
    }
    case 'call.start':
    case 'call.pending':
      return { ...event, arguments: event.arguments.slice(0, mostProgress) };
    case 'answer':
      return { ...event, message: { role: 'assistant' } };
    case 'call.end': {
      const { output: _, ...rest } = event;
      return { ...rest, message: { ...event.message, content: '' } };
    }
    case 'message':
    case 'history.compacted':
      return { ...event, messages: [] };
    default:
      return event;
  }
}

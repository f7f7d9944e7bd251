import { textOf } from '@throughline/core';
import type { EventOf, RunEvent } from '@throughline/core';
import { span, wrap } from '../terminal/line.ts';
import type { Line } from '../terminal/line.ts';
import { markdownLines } from '../terminal/markdown-lines.ts';
import { MarkdownStream } from '../terminal/markdown-stream.ts';
import type { TextCleaner } from '../terminal/clean-text.ts';
import type { Style } from '../terminal/style.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { callLine, textLines } from './call-words.ts';
import { planLines } from './plan-lines.ts';

/** Where a run is shown. */
export interface ViewScreen {
  readonly width: number;
  print(lines: readonly Line[]): void;
}

interface RunningCall {
  readonly line: Line;
  readonly about: { readonly name: string; readonly arguments: string };
  progress: Line[];
}

const mostResultLines = 8;
const mostProgressLines = 3;

/**
 * Turns the events of a run into lines: what is finished is printed, what still changes is `live`. Reasoning is folded to one line when it
 * ends, and a long result to its first lines; `lastReasoning` and `lastResult` have them whole.
 */
export class RunView {
  lastReasoning = '';
  lastResult: { readonly name: string; readonly text: string } | undefined;
  readonly #screen: ViewScreen;
  readonly #cleaner: TextCleaner;
  readonly #markdown: MarkdownStream;
  #hasText = false;
  #reasoning = '';
  #open: Line[] = [];
  readonly #calls = new Map<string, RunningCall>();

  constructor(screen: ViewScreen, cleaner: TextCleaner) {
    this.#screen = screen;
    this.#cleaner = cleaner;
    this.#markdown = new MarkdownStream(cleaner);
  }

  /** What still changes: the thought, the open block of the answer, the calls that run. */
  get live(): readonly Line[] {
    const thought = this.#reasoning === '' ? [] : [this.#thinking()];
    const calls = [...this.#calls.values()].flatMap(({ line, progress }) => [line, ...progress]);
    return [...thought, ...this.#open, ...calls];
  }

  show(event: RunEvent): void {
    switch (event.type) {
      case 'reasoning.delta':
        this.#reasoning += event.delta;
        return;
      case 'text.delta':
        return this.#text(event.delta);
      case 'answer':
        return this.#endAnswer();
      case 'step.retry':
        this.#endAnswer();
        this.#calls.clear();
        return this.#say(`What was said is void; the model is asked again: ${event.reason}`, 'dim');
      case 'call.start':
      case 'call.progress':
      case 'call.event':
        return this.#call(event);
      case 'call.end':
        return this.#endCall(event);
      case 'message':
        if (event.source === 'input' || event.source === 'note') return;
        return this.#said(event.messages.map(({ content }) => textOf(content ?? '')).join('\n'));
      default:
        return this.#notice(event);
    }
  }

  /** The run has ended, in whatever way. */
  end(): void {
    this.#endAnswer();
    this.#calls.clear();
  }

  #text(delta: string): void {
    this.#fold();
    this.#hasText = true;
    this.#markdown.push(delta);
  }

  /** Reads the open block, once for all that came since the last time. */
  settle(): void {
    if (!this.#hasText) return;
    const { finished, open } = this.#markdown.blocks();
    this.#screen.print(markdownLines(finished, this.#screen.width));
    this.#open = markdownLines(open, this.#screen.width);
  }

  #endAnswer(): void {
    this.#fold();
    this.#screen.print(markdownLines(this.#markdown.end(), this.#screen.width));
    this.#open = [];
    this.#hasText = false;
  }

  #thinking(): Line {
    const whole = this.#reasoning.length - this.#cleaner.held(this.#reasoning);
    const text = this.#clean(this.#reasoning.slice(0, whole));
    const last = visibleLine(text.slice(-2000).split('\n').at(-1) ?? '');
    const room = Math.max(0, this.#screen.width - 'Thinking… '.length);
    const [row = []] = wrap([span(last.slice(-room), 'dim', 'italic')], room);
    return [span('Thinking… ', 'dim'), ...row];
  }

  #fold(): void {
    const text = this.#reasoning.trim();
    this.#reasoning = '';
    if (text === '') return;
    this.lastReasoning = this.#clean(text);
    const words = text.split(/\s+/).length;
    this.#say(`✻ Thought (${words} words, Ctrl+T shows them)`, 'dim');
  }

  #call(event: EventOf<'call.start'> | EventOf<'call.progress'> | EventOf<'call.event'>): void {
    const place = placeOf(event);
    if (event.type === 'call.start') {
      this.#fold();
      const line = callLine('⋯', event, this.#screen.width);
      this.#calls.set(place, { line, about: event, progress: [] });
      return;
    }
    const call = this.#calls.get(place);
    if (call === undefined) return;
    if (event.type === 'call.progress') {
      call.progress = this.#progress(event.progress);
    } else if (event.event.type === 'call.start') {
      call.progress = [[span('  '), ...callLine('⋯', event.event, this.#screen.width - 2)]];
    }
  }

  #progress(progress: unknown): Line[] {
    const plan = planLines(progress, this.#cleaner.clean);
    if (plan !== undefined) return plan;
    const text = typeof progress === 'string' ? progress : JSON.stringify(progress);
    const lines = textLines(this.#clean(text).slice(-4000).trimEnd()).slice(-mostProgressLines);
    return lines.map((line) => this.#row([span('  │ ', 'dim'), ...line]));
  }

  #endCall(event: EventOf<'call.end'>): void {
    this.#fold();
    const call = this.#calls.get(placeOf(event));
    this.#calls.delete(placeOf(event));
    const about = call?.about ?? { name: event.name, arguments: '' };
    const isOk = event.outcome === 'ok';
    this.#screen.print([callLine(isOk ? '●' : '✗', about, this.#screen.width)]);
    const plan = planLines(event.output, this.#cleaner.clean);
    if (plan !== undefined) {
      this.#screen.print(plan.flatMap((line) => wrap(line, this.#screen.width)));
      return;
    }
    const text = this.#clean(textOf(event.message.content)).trimEnd();
    this.lastResult = { name: this.#clean(event.name), text };
    const head = isOk ? [] : [[span('  '), span(event.outcome, 'red')]];
    const lines = textLines(text);
    const more = lines.length - mostResultLines;
    const shown = lines
      .slice(0, mostResultLines)
      .map((line) => this.#row([span('  │ ', 'dim'), ...line]));
    const rest = more > 0 ? [[span(`  └ ${more} more lines, Ctrl+O shows them`, 'dim')]] : [];
    this.#screen.print([...head, ...shown, ...rest, []]);
  }

  #said(text: string): void {
    this.#screen.print(saidLines(this.#clean(text), this.#screen.width));
  }

  #notice(event: RunEvent): void {
    if (event.type === 'warning') return this.#say(event.message, 'yellow');
    if (event.type === 'history.compacted') {
      return this.#say(`The history was made shorter: ${event.note}`, 'yellow');
    }
    if (event.type === 'limit.near') {
      const { name, used, max } = event.limit;
      return this.#say(`Near the limit of ${name}: ${used} of ${max}`, 'yellow');
    }
  }

  #say(text: string, ...styles: readonly Style[]): void {
    const line = [span(visibleLine(this.#clean(text)), ...styles)];
    this.#screen.print(wrap(line, this.#screen.width));
  }

  #clean(text: string): string {
    return this.#cleaner.clean(text);
  }

  /** As much of a line as fits in one row. */
  #row(line: Line): Line {
    const [row = [], ...more] = wrap(line, Math.max(1, this.#screen.width - 1));
    return more.length > 0 ? [...row, span('…', 'dim')] : row;
  }
}

/** What the person has said, as it stands in the scrollback. */
export function saidLines(text: string, width: number): Line[] {
  const rows = text.split('\n').flatMap((line, at) => {
    const mark = span(at === 0 ? '› ' : '  ', 'bold', 'green');
    return wrap([mark, span(line, 'bold')], width, [span('  ')]);
  });
  return [[], ...rows, []];
}

function placeOf({ step, call, runId }: { step: number; call: number; runId: string }): string {
  return `${runId} ${step} ${call}`;
}

import { styleText } from 'node:util';
import type { RunEvent, RunResult } from '@throughline/core';

type Style = Parameters<typeof styleText>[0];

/** Writes a run to the terminal while it happens. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #section: 'reasoning' | 'text' | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  // #region events
  show(event: RunEvent): void {
    switch (event.type) {
      case 'reasoning.delta':
        return this.#stream('reasoning', event.delta);
      case 'text.delta':
        return this.#stream('text', event.delta);
      case 'call.start':
        return this.#line('cyan', `  → ${event.name}(${short(event.arguments)})`);
      case 'call.end': {
        const mark = event.outcome === 'ok' ? '←' : `✗ ${event.outcome}:`;
        const style = event.outcome === 'ok' ? 'green' : 'red';
        return this.#line(
          style,
          `  ${mark} ${event.name}: ${short(textOf(event.message.content))}`,
        );
      }
      case 'step.retry':
        return this.#line('yellow', `  The answer broke off (${event.reason}) and is asked again.`);
      case 'warning':
        return this.#line('yellow', `  ${event.message}`);
    }
  }
  // #endregion

  summary({ steps, usage, stopReason, messages }: RunResult): void {
    const calls = messages.filter(({ role }) => role === 'tool').length;
    const tokens = usage.inputTokens + usage.outputTokens;
    const cost =
      usage.costUsd === undefined ? 'cost unknown' : `$${usage.costUsd.toFixed(4)} at list price`;
    const end = stopReason === 'answer' ? '' : `, ended by ${stopReason}`;
    this.line(
      'dim',
      `${steps} steps, ${calls} calls, ${tokens.toLocaleString('en')} tokens (${usage.cachedTokens.toLocaleString('en')} cached), ${cost}${end}`,
    );
  }

  /** A line of its own, after whatever is being written. */
  line(style: Style, text: string): void {
    this.#line(style, text);
  }

  #stream(section: 'reasoning' | 'text', delta: string): void {
    if (this.#section !== section) this.#break();
    if (this.#section === undefined && section === 'text') this.#out.write('\n');
    this.#section = section;
    this.#out.write(this.#style(section === 'reasoning' ? 'dim' : 'bold', delta));
  }

  #line(style: Style, text: string): void {
    this.#break();
    this.#out.write(`${this.#style(style, text)}\n`);
  }

  #break(): void {
    if (this.#section !== undefined) this.#out.write(this.#section === 'text' ? '\n\n' : '\n');
    this.#section = undefined;
  }

  #style(style: Style, text: string): string {
    return this.#out.isTTY && process.env['NO_COLOR'] === undefined ? styleText(style, text) : text;
  }
}

function textOf(content: string | readonly unknown[]): string {
  return typeof content === 'string' ? content : `${content.length} parts`;
}

/** The first line of a text, and how many more there are. */
function short(text: string): string {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const more = rest.length === 0 ? '' : ` (+${rest.length} lines)`;
  return `${first.length > 90 ? `${first.slice(0, 90)}…` : first}${more}`;
}

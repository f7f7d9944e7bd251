import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';
import { textOf } from '@throughline/core';
import type { CallPending, Decision, Run, RunEvent, RunResult } from '@throughline/core';

type Style = Parameters<typeof styleText>[0];

/** Where a run is shown. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Writes a run to the terminal while it happens, and asks there about calls that wait for a person. */
export class Screen {
  readonly #terminal: Terminal;
  #section: 'reasoning' | 'text' | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  // #region watch
  /** Shows a run until it has ended. */
  async watch(run: Run): Promise<RunResult> {
    for await (const event of run) this.show(event);
    const result = await run.result;
    this.summary(result);
    return result;
  }
  // #endregion

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
        const text = textOf(event.message.content);
        if (event.outcome === 'ok') return this.#line('green', `  ← ${event.name}: ${short(text)}`);
        return this.#line('red', `  ✗ ${event.outcome}: ${event.name}: ${text}`);
      }
      case 'step.retry':
        return this.#line('yellow', `  The model is asked again: ${event.reason}`);
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
      `${counted(steps, 'step')}, ${counted(calls, 'call')}, ${tokens.toLocaleString('en')} tokens (${usage.cachedTokens.toLocaleString('en')} cached), ${cost}${end}`,
    );
  }

  /** A line of its own, after whatever is being written. */
  line(style: Style, text: string): void {
    this.#line(style, text);
  }

  #stream(section: 'reasoning' | 'text', delta: string): void {
    if (this.#section !== section) this.#break();
    if (this.#section === undefined && section === 'text') this.#write('\n');
    this.#section = section;
    this.#write(this.#style(section === 'reasoning' ? 'dim' : 'bold', delta));
  }

  #line(style: Style, text: string): void {
    this.#break();
    this.#write(`${this.#style(style, text)}\n`);
  }

  /** Asks the person about a call that waits. Where nobody can answer, that is a no. */
  async decide({ name, arguments: text, mayHaveRun }: CallPending): Promise<Decision> {
    await setImmediate(); // what the run has told before stands above the question
    const again = mayHaveRun ? ' It may have run already.' : '';
    this.#line('yellow', `  May ${name} run with ${text}?${again}`);
    const lines = createInterface(this.#terminal);
    const said = await new Promise<string>((resolve) => {
      lines.once('close', () => resolve(''));
      lines.question('  yes, or why not: ', resolve);
    });
    lines.close();
    if (said.trim() === 'yes') return { approve: true };
    return { refuse: said.trim() || 'The person did not approve this call.' };
  }

  #write(text: string): void {
    this.#terminal.output.write(text);
  }

  #break(): void {
    if (this.#section !== undefined) this.#write(this.#section === 'text' ? '\n\n' : '\n');
    this.#section = undefined;
  }

  #style(style: Style, text: string): string {
    const { isTTY = false } = this.#terminal.output;
    return isTTY && process.env['NO_COLOR'] === undefined ? styleText(style, text) : text;
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first line of a text, and how many more there are. */
function short(text: string): string {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const more = rest.length === 0 ? '' : ` (+${counted(rest.length, 'line')})`;
  return `${first.length > 90 ? `${first.slice(0, 90)}…` : first}${more}`;
}

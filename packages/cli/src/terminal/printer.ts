import type { Host } from '../command.ts';
import { paintFor } from './style.ts';
import type { Paint, Style } from './style.ts';
import { visibleJson, visibleText } from './visible-text.ts';
import { withoutKey } from './without-key.ts';

/** Prints for a person and for a pipe. All that goes through it is visible text without the key. */
export class Printer {
  readonly #host: Host;
  readonly #paint: Paint;

  constructor(host: Host) {
    this.#host = host;
    this.#paint = paintFor(host.stderr, host.env);
  }

  /** Text on stdout, on lines of its own. */
  out(text: string): void {
    if (text !== '') this.#host.stdout.write(`${this.#visible(text).trimEnd()}\n`);
  }

  /** A value on stdout, as one line of JSON. */
  json(value: unknown): void {
    const json = visibleJson(withoutKey(JSON.stringify(value), this.#host.env));
    this.#host.stdout.write(`${json}\n`);
  }

  /** Words on stderr, on lines of their own. */
  say(text: string, ...styles: readonly Style[]): void {
    this.#host.stderr.write(`${this.#paint(styles, this.#visible(text))}\n`);
  }

  #visible(text: string): string {
    return visibleText(withoutKey(text, this.#host.env));
  }
}

import process from 'node:process';
import type { Host } from '../command.ts';
import { KeyDecoder } from '../terminal/key-decoder.ts';
import type { Key } from '../terminal/key-decoder.ts';

/** How long an Esc waits for what may belong to it. */
const escapeMs = 40;

// Bracketed paste, and the kitty protocol's plain level, which tells Shift+Enter from Enter. Other terminals do not react.
const on = '\u001b[?2004h\u001b[>1u';
const off = '\u001b[?2004l\u001b[<u';

/** The keys of a terminal in raw mode. Whatever ends the process, the terminal is as it was before. */
export class TerminalInput {
  readonly #host: Host;
  readonly #decoder: KeyDecoder;
  readonly #onEnd: () => void;
  #escape: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(host: Host, { key, end }: { key(key: Key): void; end(): void }) {
    this.#host = host;
    this.#decoder = new KeyDecoder(key);
    this.#onEnd = end;
  }

  /** Takes the terminal. What is typed waits. */
  open(): void {
    const { stdin, stdout } = this.#host;
    this.#isOpen = true;
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdout.write(on);
    process.on('exit', this.close);
  }

  /** Reads what is typed, and what was. */
  listen(): void {
    const { stdin } = this.#host;
    if (!this.#isOpen) return;
    stdin.on('data', this.#read);
    stdin.on('end', this.#onEnd);
    stdin.resume();
  }

  readonly close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#escape);
    const { stdin, stdout } = this.#host;
    process.off('exit', this.close);
    stdin.off('data', this.#read);
    stdin.off('end', this.#onEnd);
    stdout.write(off);
    stdin.setRawMode(false);
    stdin.pause();
  };

  readonly #read = (chunk: string): void => {
    clearTimeout(this.#escape);
    this.#decoder.write(chunk);
    if (this.#decoder.isWaiting) this.#escape = setTimeout(() => this.#decoder.flush(), escapeMs);
  };
}

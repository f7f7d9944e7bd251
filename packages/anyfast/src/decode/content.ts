import type { LeakedCall, LeakScanner, LeakSink } from './leak-scanner.ts';
import type * as recover from './leaked-calls.ts';
import { mayBeId } from './leaked-id.ts';

/** What reads the model's own tokens where they leaked, loaded with the first character that may begin one. */
export type Recovery = typeof recover;

/** A `<`, with which every token of the model begins, as JSON may also spell it. */
const spelt = '\\u003';

/**
 * The text of one answer. Without a `<` it passes straight through, but for a beginning that may be the id of a leaked call;
 * with one, it is read by a `LeakScanner`.
 */
export class Content {
  readonly #sink: LeakSink;
  readonly #toolNames: readonly string[];
  #recovery: Recovery | undefined;
  #scanner: LeakScanner | undefined;
  /** The end of the last chunk. */
  #chunkEnd = '';
  /** What may become the id of a call whose leading token the host has cut off, and blanks before it. */
  #lead = '';
  #said = '';

  constructor(sink: LeakSink, toolNames: readonly string[]) {
    this.#sink = sink;
    this.#toolNames = toolNames;
  }

  /** Whether a token may stand in this chunk, or end in it, and nothing is there that could read it. */
  needsRecovery(chunk: string): boolean {
    if (this.#recovery !== undefined) return false;
    if (chunk.includes('<') || chunk.includes(spelt)) return true;
    const border = this.#chunkEnd + chunk.slice(0, spelt.length);
    this.#chunkEnd = (this.#chunkEnd + chunk.slice(-spelt.length)).slice(-spelt.length);
    return border.includes(spelt);
  }

  /** From here on tokens are read. */
  recoverBy(recovery: Recovery): void {
    this.#recovery = recovery;
  }

  /** Undefined as long as no token can have come. */
  get recovery(): Recovery | undefined {
    return this.#recovery;
  }

  get calls(): readonly LeakedCall[] {
    return this.#scanner?.calls ?? [];
  }

  /** All text told so far. */
  get said(): string {
    return this.#scanner?.said ?? this.#said;
  }

  /** Tokens were removed that made no call and no reasoning. */
  get droppedTokens(): boolean {
    return this.#scanner?.droppedTokens ?? false;
  }

  push(delta: string): void {
    if (this.#scanner !== undefined) return this.#scanner.push(delta);
    if (this.#recovery !== undefined && delta.includes('<')) {
      this.#scanner = new this.#recovery.LeakScanner(this.#sink, this.#toolNames, this.#said);
      return this.#scanner.push(this.#lead + delta);
    }
    const text = this.#lead + delta;
    this.#lead = '';
    if (this.#said === '' && mayBeId(text.trim(), this.#toolNames)) this.#lead = text;
    else this.#say(text);
  }

  /** The content is over: what was held back is what it looks like. */
  end(): void {
    if (this.#scanner !== undefined) return this.#scanner.end();
    this.#say(this.#lead);
    this.#lead = '';
  }

  #say(text: string): void {
    if (text === '') return;
    this.#said += text;
    this.#sink.text(text);
  }
}

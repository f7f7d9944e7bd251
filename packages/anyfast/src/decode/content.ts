import type { TextSink } from './batch.ts';
import type { LeakedCall, LeakScanner, LeakScope } from './leak-scanner.ts';
import type * as recover from './leaked-calls.ts';
import { longestLead, mayBeId } from './leaked-id.ts';

/** What reads the model's own tokens where they leaked, loaded with the first character that may begin one. */
export type Recovery = typeof recover;

/** A `<`, with which every token of the model begins, as JSON may also spell it. */
const spelt = '\\u003';

/**
 * The text of one answer. Without a `<` it passes straight through, but for a beginning that may be the id of a leaked call;
 * with one, it is read by a `LeakScanner`.
 */
export class Content {
  readonly #sink: TextSink;
  readonly #scope: LeakScope;
  #recovery: Recovery | undefined;
  #scanner: LeakScanner | undefined;
  /** The end of the last chunk. */
  #chunkEnd = '';
  /** What may become the id of a call whose leading token the host has cut off, and blanks before it. */
  #lead = '';
  #said = '';
  #heard = '';

  constructor(sink: TextSink, scope: LeakScope) {
    this.#sink = sink;
    this.#scope = scope;
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

  /** The calls that the text ends with; known once it is over. They are taken, or told as text by `keep`. */
  get calls(): readonly LeakedCall[] {
    return this.#scanner?.calls ?? [];
  }

  /** All text told so far. */
  get said(): string {
    return this.#scanner?.said ?? this.#said;
  }

  /** All that came, as it came. */
  get heard(): string {
    return this.#heard;
  }

  /** Tokens were removed that made no call and no reasoning. */
  get droppedTokens(): boolean {
    return this.#scanner?.droppedTokens ?? false;
  }

  /** The text is over in the middle of a call. */
  get brokeOff(): boolean {
    return this.#scanner?.brokeOff ?? false;
  }

  /** A text that is there in full: it shows in it that the tag before its thoughts is missing. */
  pushWhole(content: string): void {
    const isFirst = this.#heard === '';
    this.#heard += content;
    const isUnopened = isFirst && this.#recovery?.beginsUnopened(content, this.#scope);
    this.#read(isUnopened ? `<think>${content}` : content);
  }

  push(delta: string): void {
    this.#heard += delta;
    this.#read(delta);
  }

  /** The content is over: what was held back is what it looks like. */
  end(): void {
    if (this.#scanner !== undefined) return this.#scanner.end();
    this.#say(this.#lead);
    this.#lead = '';
  }

  keep(): void {
    this.#scanner?.keep();
  }

  #read(delta: string): void {
    if (this.#scanner !== undefined) return this.#scanner.push(delta);
    if (this.#recovery !== undefined && delta.includes('<')) {
      this.#scanner = new this.#recovery.LeakScanner(this.#sink, this.#scope, this.#said);
      return this.#scanner.push(this.#lead + delta);
    }
    const text = this.#lead + delta;
    this.#lead = '';
    const mayLead = this.#said === '' && text.length <= longestLead;
    if (mayLead && mayBeId(text.trim(), this.#scope.toolNames)) this.#lead = text;
    else this.#say(text);
  }

  #say(text: string): void {
    if (text === '') return;
    this.#said += text;
    this.#sink.text(text);
  }
}

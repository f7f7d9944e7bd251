import type { TextSink } from './batch.ts';
import { CodeMarks, opensQuotation } from './code-marks.ts';
import { JsonEnd } from './json-end.ts';
import { idAtEnd, longestLead, mayBeAnyId, mayBeId } from './leaked-id.ts';
import {
  argumentBegin,
  betweenMessages,
  callBegin,
  callEnd,
  isCodeTag,
  isOfCalls,
  isPartial,
  messageEnd,
  sectionBegin,
  sectionEnd,
  thinkBegin,
  thinkEnd,
  tokenAt,
} from './native-tokens.ts';
import { closesUnopened } from './unopened-thought.ts';
import type { ThoughtScope } from './unopened-thought.ts';

/** A call found written out in the model's own tokens, where the host should have made a `tool_calls` of it. */
export interface LeakedCall {
  /** As written, e.g. `functions.get_weather:0`. */
  readonly id: string;
  readonly args: string;
}

/** What decides how tokens are read. */
export interface LeakScope extends ThoughtScope {
  readonly toolNames: readonly string[];
  /** Whether a leaked call may be one at all. */
  readonly takesCalls: boolean;
}

/** `start`: nothing but blanks, or an id, has come. The last four read an end that may be calls, and hold it back. */
type State = 'start' | 'text' | 'thinking' | 'between' | 'id' | 'args' | 'after';

/**
 * Reads content in which the model's own tokens may have leaked. The template of the model is
 * `[<think>…</think>] text [section of calls] <|im_end|>`, and tokens count only in their place in it: what looks like
 * calls is held back, and is calls only if it is whole and nothing comes behind it; everything else is text as it is
 * written. How the content was cut into pieces never shows.
 */
export class LeakScanner {
  readonly #sink: TextSink;
  readonly #scope: LeakScope;
  readonly #marks = new CodeMarks();
  #state: State = 'start';
  /** What may be the beginning of a token. */
  #held = '';
  /** Blanks at the start of the content, or an id whose leading token the host has cut off. */
  #lead = '';
  #afterThinking = false;
  /** A `<think>` or a `</think>` has been read, so that a later `</think>` closes nothing that the host left open. */
  #sawTag = false;
  /** What is held back because it may be calls, as written. */
  #tail = '';
  #calls: LeakedCall[] = [];
  #id = '';
  #args = '';
  #json = new JsonEnd();
  /** A call ended in the middle: nothing behind it can be told from what it would have said. */
  #isLost = false;
  /** The content is over in the middle of a call. */
  #brokeOff = false;
  /** All text told so far, and the end of it. */
  #said = '';
  #recent = '';
  /** Tokens were taken out that made no call and no reasoning. */
  #dropped = false;

  /** `said` is the text that was told before anything looked like a token. */
  constructor(sink: TextSink, scope: LeakScope, said = '') {
    this.#sink = sink;
    this.#scope = scope;
    if (said !== '') this.#state = 'text';
    this.#note(said);
  }

  /** The calls that the content ends with. Known once it is over. */
  get calls(): readonly LeakedCall[] {
    return this.#calls;
  }

  get brokeOff(): boolean {
    return this.#brokeOff;
  }

  get said(): string {
    return this.#said;
  }

  get droppedTokens(): boolean {
    return this.#dropped;
  }

  push(delta: string): void {
    const input = this.#held + delta;
    this.#held = '';
    let plainFrom = 0;
    for (let at = input.indexOf('<'); at !== -1; at = input.indexOf('<', at)) {
      const token = tokenAt(input, at);
      if (token !== undefined) {
        this.#plain(input.slice(plainFrom, at));
        this.#token(token);
        at += token.length;
        plainFrom = at;
      } else if (isPartial(input, at)) {
        this.#plain(input.slice(plainFrom, at));
        this.#held = input.slice(at);
        return;
      } else at++;
    }
    this.#plain(input.slice(plainFrom));
  }

  /** The content is over. Calls that it ends with are held back further: they are taken, or told by `keep`. */
  end(): void {
    this.#plain(this.#held);
    this.#held = '';
    if (this.#state === 'start') return this.#flushLead();
    const inCall = this.#state === 'args' || this.#state === 'id';
    this.#brokeOff = this.#state === 'args' || (inCall && this.#calls.length > 0);
    if (inCall) return this.keep();
    if (this.#calls.length > 0) return;
    if (this.#state === 'between') return this.keep();
    if (this.#state === 'after') this.#dropped = true;
  }

  /** What was held back is no calls: it is text as written. */
  keep(): void {
    const tail = this.#tail;
    this.#tail = '';
    this.#calls = [];
    this.#text(tail);
  }

  #plain(text: string): void {
    if (text === '') return;
    switch (this.#state) {
      case 'text':
        return this.#text(text);
      case 'thinking':
        return this.#sink.reasoning(text);
      case 'args':
        this.#json.push(text);
        this.#args += text;
        this.#tail += text;
        return;
      case 'id':
        this.#id += text;
        this.#tail += text;
        if (!mayBeAnyId(this.#id)) this.#giveUp();
        return;
      case 'between':
      case 'after':
        this.#tail += text;
        if (text.trim() !== '') this.#giveUp();
        return;
      case 'start':
        this.#lead = this.#afterThinking ? (this.#lead + text).trimStart() : this.#lead + text;
        if (this.#lead.length > longestLead || !mayBeId(this.#lead.trim(), this.#scope.toolNames))
          this.#flushLead();
    }
  }

  #token(token: string): void {
    if (this.#state === 'thinking') {
      if (token === thinkEnd) this.#startAnew();
      else this.#sink.reasoning(token);
    } else if (this.#state === 'text' || this.#state === 'start') this.#tokenInText(token);
    else if (this.#state === 'args' && (this.#json.inString || !isOfCalls(token))) {
      this.#plain(token);
    } else if (this.#continues(token)) {
      this.#tail += token;
    } else {
      this.#giveUp();
      this.#tokenInText(token);
    }
  }

  /** Takes the token where the grammar of calls has one in this state. */
  #continues(token: string): boolean {
    switch (this.#state) {
      case 'id':
        if (token !== argumentBegin) return false;
        this.#beginArguments(this.#id);
        this.#state = 'args';
        return true;
      case 'args':
        if (token !== callEnd) return false;
        this.#calls.push({ id: this.#id.trim(), args: this.#args.trim() });
        this.#state = 'between';
        return true;
      case 'between':
        if (token === callBegin) {
          this.#id = '';
          this.#state = 'id';
        } else if (token === messageEnd && this.#calls.length > 0) this.#state = 'after';
        else return sectionBegin.includes(token) || sectionEnd.includes(token);
        return true;
      default:
        return betweenMessages.includes(token);
    }
  }

  #tokenInText(token: string): void {
    if (token === thinkBegin || token === thinkEnd) return this.#think(token);
    if (isCodeTag(token)) this.#marks.tag(token);
    const begins = this.#begins(token);
    if (begins === undefined) return this.#literal(token);
    // An id that the host has cut off from its token belongs to the call.
    this.#tail = begins === 'args' && this.#state === 'start' ? this.#lead + token : token;
    if (begins !== 'args') this.#flushLead();
    this.#lead = '';
    this.#calls = [];
    this.#state = begins;
  }

  /** What may begin with this token. */
  #begins(token: string): State | undefined {
    if (token === messageEnd) return this.#marks.isCode ? undefined : 'after';
    if (!token.startsWith('<|tool') || !this.#scope.takesCalls || this.#isLost) return undefined;
    if (this.#marks.isQuoted) return void this.#marks.quote();
    if (sectionBegin.includes(token)) return 'between';
    if (token === callBegin) {
      this.#id = '';
      return 'id';
    }
    if (token !== argumentBegin) return undefined;
    const id = this.#state === 'start' ? this.#lead : idAtEnd(this.#recent, this.#scope.toolNames);
    if (id.trim() === '' || opensQuotation(this.#recent.slice(0, -id.length))) return undefined;
    this.#beginArguments(id);
    return 'args';
  }

  #beginArguments(id: string): void {
    this.#id = id;
    this.#args = '';
    this.#json = new JsonEnd();
  }

  /** Only at the very start, and where no thoughts came otherwise, are these tags the template's. */
  #think(token: string): void {
    const atStart = this.#state === 'start' && this.#lead.trim() === '';
    if (atStart && token === thinkEnd) return this.#startAnew();
    if (atStart && !this.#scope.hasReasoning()) {
      this.#lead = '';
      this.#sawTag = true;
      this.#state = 'thinking';
      return;
    }
    const isOpen = token === thinkEnd && !this.#sawTag && closesUnopened(this.#marks, this.#scope);
    this.#sawTag = true;
    if (!isOpen) return this.#literal(token);
    this.#flushLead();
    this.#dropped = true;
  }

  /** After `</think>` come line breaks that belong to the tag. */
  #startAnew(): void {
    this.#state = 'start';
    this.#lead = '';
    this.#sawTag = true;
    this.#afterThinking = true;
  }

  /** What was held back is no end made of calls. */
  #giveUp(): void {
    if (this.#state === 'args') this.#isLost = true;
    this.keep();
    this.#state = 'text';
  }

  #literal(token: string): void {
    this.#flushLead();
    this.#text(token);
  }

  #flushLead(): void {
    const lead = this.#lead;
    this.#lead = '';
    this.#state = 'text';
    this.#text(lead);
  }

  #text(text: string): void {
    if (text === '') return;
    this.#note(text);
    this.#sink.text(text);
  }

  #note(text: string): void {
    this.#said += text;
    this.#recent = (this.#recent + text).slice(-2 * longestLead);
    this.#marks.push(text);
  }
}

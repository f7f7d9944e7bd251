import { mayBeId } from './leaked-id.ts';

/** A call found written out in the model's own tokens, where the host should have made a `tool_calls` of it. */
export interface LeakedCall {
  /** As written, e.g. `functions.get_weather:0`. */
  readonly id: string;
  readonly args: string;
  /** Its end was written too. */
  readonly closed: boolean;
}

/** Who hears what the content really was. */
export interface LeakSink {
  text(delta: string): void;
  reasoning(delta: string): void;
}

const sectionBegin = ['<|tool_calls_section_begin|>', '<|tool_call_section_begin|>'];
const sectionEnd = ['<|tool_calls_section_end|>', '<|tool_call_section_end|>'];
const callBegin = '<|tool_call_begin|>';
const argumentBegin = '<|tool_call_argument_begin|>';
const callEnd = '<|tool_call_end|>';
const thinkBegin = '<think>';
const thinkEnd = '</think>';
const turnTokens = [
  '<|im_end|>',
  '<|im_user|>',
  '<|im_assistant|>',
  '<|im_system|>',
  '<|im_middle|>',
];
const mediaTokens = ['<|media_begin|>', '<|media_content|>', '<|media_end|>', '<|media_pad|>'];
const tokens = [
  ...sectionBegin,
  ...sectionEnd,
  callBegin,
  argumentBegin,
  callEnd,
  thinkBegin,
  thinkEnd,
  ...turnTokens,
  ...mediaTokens,
];

type State = 'start' | 'text' | 'thinking' | 'between' | 'id' | 'args';

/**
 * Reads content in which the model's own tokens may have leaked (contract, section 4.1): calls are taken out,
 * `<think>…</think>` becomes reasoning, other tokens are dropped, everything else is text. Only what may be the
 * beginning of a token is held back.
 */
export class LeakScanner {
  readonly #sink: LeakSink;
  readonly #toolNames: readonly string[];
  readonly #calls: LeakedCall[] = [];
  #state: State = 'start';
  /** What may be the beginning of a token. */
  #held = '';
  /** Blanks at the start of the content, or an id whose leading token the host has cut off. */
  #lead = '';
  #afterThinking = false;
  #id = '';
  #args = '';
  #said = '';
  #dropped = false;

  /** `said` is the text that was told before anything looked like a token. */
  constructor(sink: LeakSink, toolNames: readonly string[], said = '') {
    this.#sink = sink;
    this.#toolNames = toolNames;
    this.#said = said;
    if (said !== '') this.#state = 'text';
  }

  get calls(): readonly LeakedCall[] {
    return this.#calls;
  }

  /** All text told so far. */
  get said(): string {
    return this.#said;
  }

  /** Tokens were removed that made no call and no reasoning. */
  get droppedTokens(): boolean {
    return this.#dropped;
  }

  push(delta: string): void {
    if (this.#state === 'text' && this.#held === '' && delta.indexOf('<') === -1) {
      this.#text(delta);
      return;
    }
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

  /** The content is over: what was held back is what it looks like. */
  end(): void {
    this.#plain(this.#held);
    this.#held = '';
    if (this.#state === 'args') this.#closeCall(false);
    else if (this.#state === 'id')
      this.#calls.push({ id: this.#id.trim(), args: '', closed: false });
    else if (this.#state === 'between') this.#leaveSection();
    else if (this.#state === 'start') this.#flushLead();
    this.#state = 'text';
  }

  #plain(text: string): void {
    if (text === '') return;
    switch (this.#state) {
      case 'text':
        return this.#text(text);
      case 'thinking':
        return this.#sink.reasoning(text);
      case 'args':
        this.#args += text;
        return;
      case 'id':
      case 'between':
        this.#id += text;
        return;
      case 'start':
        this.#lead += text;
        if (mayBeId(this.#lead.trim(), this.#toolNames)) return;
        this.#flushLead();
        this.#state = 'text';
    }
  }

  #token(token: string): void {
    if (this.#state === 'thinking') {
      if (token === thinkEnd) this.#startAnew();
      else this.#sink.reasoning(token);
    } else if (token === callBegin) this.#beginCall();
    else if (token === argumentBegin) this.#beginArguments();
    else if (token === callEnd) this.#endCall();
    else if (sectionBegin.includes(token)) this.#beginSection();
    else if (sectionEnd.includes(token)) this.#endSection();
    else if (token === thinkBegin || token === thinkEnd) this.#think(token);
    else if (turnTokens.includes(token) && this.#state === 'args') this.#endSection();
    else this.#drop();
  }

  /** Only an opening at the very start is one: later it is a word the model uses. */
  #think(token: string): void {
    if (this.#state !== 'start') this.#drop();
    else if (token === thinkEnd) {
      this.#flushLead();
      this.#startAnew();
    } else {
      this.#lead = '';
      this.#state = 'thinking';
    }
  }

  /** After `</think>` come line breaks that belong to the tag. */
  #startAnew(): void {
    this.#state = 'start';
    this.#lead = '';
    this.#afterThinking = true;
  }

  #beginSection(): void {
    if (this.#state === 'args') this.#closeCall(true);
    if (this.#state === 'start') this.#flushLead();
    if (this.#state === 'between') this.#leaveSection();
    this.#id = '';
    this.#state = 'between';
  }

  #endSection(): void {
    if (this.#state === 'args') this.#closeCall(true);
    else if (this.#state === 'between') this.#leaveSection();
    else this.#drop();
    this.#state = 'text';
  }

  #leaveSection(): void {
    if (this.#id.trim() !== '') this.#text(this.#id);
    this.#id = '';
  }

  #beginCall(): void {
    if (this.#state === 'args') this.#closeCall(true);
    else if (this.#state === 'start') this.#flushLead();
    else if (this.#state === 'between') this.#leaveSection();
    else if (this.#state === 'id') this.#drop();
    this.#id = '';
    this.#state = 'id';
  }

  #beginArguments(): void {
    if (this.#state === 'args') return this.#drop();
    if (this.#state === 'start') this.#id = this.#lead;
    // The id was told as text before anything gave it away; the call is saved all the same.
    if (this.#state === 'text') this.#id = idAtEnd(this.#said, this.#toolNames);
    this.#lead = '';
    this.#args = '';
    this.#state = 'args';
  }

  #endCall(): void {
    if (this.#state !== 'args') return this.#drop();
    this.#closeCall(true);
    this.#state = 'between';
  }

  #closeCall(closed: boolean): void {
    this.#calls.push({ id: this.#id.trim(), args: this.#args.trim(), closed });
    this.#id = '';
    this.#args = '';
  }

  #flushLead(): void {
    const lead = this.#afterThinking ? this.#lead.trimStart() : this.#lead;
    this.#lead = '';
    if (lead !== '') this.#text(lead);
  }

  #text(text: string): void {
    this.#said += text;
    this.#sink.text(text);
  }

  #drop(): void {
    this.#dropped = true;
  }
}

/** The id that a text ends with: of a known tool, however it is glued to the words before it, or else of any name. */
function idAtEnd(said: string, toolNames: readonly string[]): string {
  const id = /[\w.-]+:\d+\s*$/.exec(said)?.[0] ?? '';
  const known = toolNames.filter((name) => id.replace(/:\d+\s*$/, '').endsWith(name));
  const longest = known.toSorted((a, b) => b.length - a.length)[0];
  if (longest === undefined) return id;
  const at = id.lastIndexOf(longest);
  return id.slice(0, at).endsWith('functions.') ? `functions.${id.slice(at)}` : id.slice(at);
}

function tokenAt(input: string, at: number): string | undefined {
  const next = input[at + 1];
  if (next !== '|' && next !== 't' && next !== '/') return undefined;
  return tokens.find((token) => input.startsWith(token, at));
}

function isPartial(input: string, at: number): boolean {
  const rest = input.slice(at, at + 40);
  return at + rest.length === input.length && tokens.some((token) => token.startsWith(rest));
}

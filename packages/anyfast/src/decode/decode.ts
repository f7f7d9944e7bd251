// decode/ owns how a good response becomes the parts of an answer: every dialect of every host ends here. It does not own
// sending and time-outs (http/), the text of an error (error/), or which call runs (core).

import { ModelError } from '@throughline/core';
import type { ModelPart } from '@throughline/core';
import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';
import { Batch } from './batch.ts';
import { Calls } from './calls.ts';
import type { DecodeScope } from './decode-scope.ts';
import { Content } from './content.ts';
import { errorIn, isRefusal, saysError } from './error-frame.ts';
import { graver, knownFinish, readFinish } from './finish-reason.ts';
import type { Said } from './finish-reason.ts';
import { FrameReader } from './frames.ts';
import { splitFrames } from './glued-frames.ts';
import { readMessage } from './message.ts';
import type { MessageSink } from './message.ts';
import { OtherChoices } from './other-choices.ts';
import { responseName } from './response-name.ts';
import type { ResponseName } from './response-name.ts';
import { Retold } from './retold.ts';
import { readUsage } from './usage.ts';
import { Warnings } from './warnings.ts';

/** A whole answer of more characters would take a model hours to write; far longer ones cannot be held. */
export const longestAnswer = 64 * 1024 * 1024;

/**
 * Turns what the endpoint sends for one question into parts. It is fed with the events of a stream or with one whole
 * body, and its parts are taken whenever wanted; how the input was cut never shows in them.
 */
export class Decoder {
  readonly #scope: DecodeScope;
  readonly #batch = new Batch();
  readonly #frames = new FrameReader();
  readonly #calls: Calls;
  readonly #content: Content;
  readonly #sink: MessageSink;
  readonly #retold = new Retold();
  readonly #warnings: Warnings;
  #response: ResponseName | undefined;
  #reasoning = '';
  #reasoningKey: 'reasoning_content' | 'reasoning' | undefined;
  /** Reasoning came under its own key, and not between tags in the text. */
  #hasKey = false;
  #finish: Said | undefined;
  #done = false;
  #inOne = false;
  #torn: string | undefined;
  #unclear: string | undefined;
  #counted = false;
  #reasoningTokens = 0;
  /** Which choice is the answer: the first that came. */
  #index: number | undefined;
  #others: OtherChoices | undefined;

  constructor(scope: DecodeScope) {
    this.#scope = scope;
    this.#warnings = new Warnings(this.#batch, scope.redact);
    this.#calls = new Calls(scope, this.#batch);
    const leaks = {
      text: (delta: string) => this.#batch.text(delta),
      reasoning: (delta: string) => this.#think(delta, 'reasoning_content'),
    };
    this.#content = new Content(leaks, {
      toolNames: scope.toolNames,
      takesCalls: scope.leakedCalls !== 'none',
      thinks: scope.thinks,
      hasReasoning: () => this.#hasKey,
    });
    this.#sink = {
      think: (text, key) => {
        this.#hasKey = true;
        this.#think(text, key);
      },
      say: (text, whole) => (whole ? this.#content.pushWhole(text) : this.#content.push(text)),
      call: (entries, whole) => this.#calls.add(entries, whole),
      warn: (message) => this.#warnings.tell(message),
    };
  }

  /** The model has said why it stopped: the answer is whole, though its usage may still come. */
  get isWhole(): boolean {
    return this.#finish !== undefined && this.#finish.kind !== 'failed';
  }

  /** `[DONE]` has come. It proves nothing: a gateway writes it after a dead upstream too. */
  get isDone(): boolean {
    return this.#done;
  }

  /** Grows with everything that is said: a stream in which it stands still is silent, whatever it sends. */
  get progress(): number {
    const { length } = this.#content.heard;
    return length + this.#reasoning.length + this.#calls.grown + (this.#finish ? 1 : 0);
  }

  /** Whether `loadRecovery` is to be waited for before the events of this chunk: a leaked token may stand in it. */
  needsRecovery(chunk: string): boolean {
    return this.#content.needsRecovery(chunk);
  }

  async loadRecovery(): Promise<void> {
    this.#content.recoverBy(await import('./leaked-calls.ts'));
  }

  /** The data of one event. Throws `ResponseProblemError` for an error, and `answer_too_large`. */
  event(data: string, type?: string): void {
    if (this.#done) return;
    const text = type === 'error' ? undefined : this.#frames.plainText(data);
    if (text !== undefined && text !== '' && this.#again(text)) return;
    const frame = type === 'error' ? errorIn(data) : this.#frames.read(data);
    if (frame !== undefined) this.#frame(frame);
    else if (data.trim() === '[DONE]') this.#done = true;
    else this.#oddFrame(data);
  }

  /** A frame that is the one before but for its text, as nearly all are. False where it must be read like any other. */
  #again(text: string): boolean {
    const { plain } = this.#frames;
    if (plain === undefined || plain.index !== this.#index || this.#response === undefined)
      return false;
    if (plain.key === 'content') this.#sink.say(text, false);
    else this.#sink.think(text, plain.key);
    if (this.progress > longestAnswer) throw tooLarge();
    return true;
  }

  /** A whole body that came without a stream. */
  whole(body: JsonObject): void {
    this.#frame(body);
    this.#done = true;
    this.#inOne = true;
  }

  /** Frames without anything round them. False where the text is none. */
  lines(text: string): boolean {
    const frames = splitFrames(text);
    for (const frame of frames ?? []) this.#frame(frame);
    return frames !== undefined;
  }

  /** The parts since the last time. */
  take(): readonly ModelPart[] {
    return this.#batch.take();
  }

  /**
   * Nothing more comes. Adds what was held back and the finish. A promise only for an answer that ends oddly; it rejects
   * when the answer is not whole.
   */
  end(): Promise<void> | undefined {
    if (this.#others !== undefined) this.#settleChoices(this.#others);
    this.#unclear ??= this.#retold.settle(this.#calls);
    this.#content.end();
    this.#recover();
    this.#calls.end();
    if (this.#content.droppedTokens) {
      this.#warnings.tell(
        "Tokens of the model's template stood in the answer's text. They were taken out.",
      );
    }
    if (this.#reasoning === '' && this.#reasoningTokens > 0) {
      this.#warnings.tell(
        `The endpoint counts ${this.#reasoningTokens} tokens of reasoning and sent none. The next request cannot send it back.`,
      );
    }
    const isOdd = (this.#torn ?? this.#unclear) !== undefined || this.#content.brokeOff;
    const known = isOdd ? undefined : knownFinish(this.#finish, this.#calls.all.length > 0);
    if (known === undefined) return this.#endOddly();
    this.#batch.finish(known, this.#response);
    return undefined;
  }

  async #endOddly(): Promise<void> {
    const { finishOf } = await import('./odd-ending.ts');
    const finish = finishOf({
      said: this.#finish,
      done: this.#done,
      inOne: this.#inOne,
      calls: this.#calls.all,
      text: this.#content.said,
      reasoning: this.#reasoning,
      torn: this.#torn,
      unclear: this.#unclear,
      brokeOff: this.#content.brokeOff,
      warn: (message) => this.#warnings.tell(message),
      redact: this.#scope.redact,
    });
    this.#batch.finish(finish, this.#response);
  }

  #frame(frame: JsonObject): void {
    if (isRefusal(frame)) return this.#refuse(frame);
    this.#response ??= responseName(frame, this.#scope.redact);
    const { choices } = frame;
    if (Array.isArray(choices))
      for (let at = 0; at < choices.length; at++) this.#place(choices[at], at);
    // The gateway's own count may be an estimate; the one inside the choice is Moonshot's.
    if (!this.#counted) this.#count(frame['usage']);
    if (this.progress > longestAnswer) throw tooLarge();
  }

  /** One choice is asked for; what stands in another one is looked at when the answer is over. */
  #place(choice: unknown, at: number): void {
    if (!isObject(choice)) return;
    const index = typeof choice['index'] === 'number' ? choice['index'] : at;
    this.#index ??= index;
    if (index === this.#index) return this.#choice(choice);
    this.#others ??= new OtherChoices(longestAnswer);
    this.#others.add(index, choice);
  }

  #choice(choice: JsonObject): void {
    if (saysError(choice['error'])) return this.#refuse(choice);
    const { delta, message, finish_reason: word, usage } = choice;
    if (isObject(delta)) readMessage(delta, this.#sink, false);
    if (isObject(message)) {
      const isFirst = this.#content.heard === '' && this.#reasoning === '' && !this.#calls.grown;
      if (isFirst) readMessage(message, this.#sink, true);
      else {
        const heard = { text: this.#content.heard, reasoning: this.#reasoning };
        this.#retold.read(message, heard, this.#sink);
      }
    }
    const said = textOf(word);
    if (said !== undefined) this.#finish = graver(this.#finish, readFinish(said));
    if (usage !== undefined) this.#counted = this.#count(usage) || this.#counted;
  }

  /** An error that came as the answer. */
  #refuse(frame: JsonObject): void {
    if (!this.isWhole) throw new ResponseProblemError({ kind: 'error frame', frame });
    this.#warnings.tell('An error that came after the end of the answer was left out.');
  }

  #think(delta: string, key: 'reasoning_content' | 'reasoning'): void {
    if (!this.#scope.thinks) {
      this.#warnings.tell(
        'The endpoint sent reasoning although the request had switched thinking off.',
      );
    }
    this.#reasoningKey ??= key;
    this.#reasoning += delta;
    this.#batch.reasoning(delta, this.#reasoningKey === 'reasoning' ? 'reasoning' : undefined);
  }

  #count(value: unknown): boolean {
    const usage = readUsage(value, this.#scope.prices);
    if (usage === undefined) return false;
    this.#reasoningTokens = usage.reasoningTokens;
    this.#batch.usage(usage);
    return true;
  }

  #oddFrame(data: string): void {
    if (data.trim() === '') return;
    if (this.lines(data)) {
      if (data.trimEnd().endsWith('[DONE]')) this.#done = true;
      return;
    }
    // What was no chunk to begin with is a gateway's noise; a damaged chunk has lost a piece of the answer.
    if (data.includes('{')) {
      this.#torn = 'A frame of the answer was unreadable, so its calls may lack a piece';
    }
    const seen = this.#scope.redact(data.trim()).slice(0, 80);
    this.#warnings.tell(`A frame that is no JSON was left out: ${seen}`, 'odd frame');
  }

  #settleChoices(others: OtherChoices): void {
    const adopted = others.settle({
      text: this.#content.heard,
      makesCalls: this.#calls.all.length > 0,
      saysNothing: this.#content.heard.trim() === '' && this.#calls.all.length === 0,
    });
    if (adopted.isUnclear) {
      this.#unclear = 'The endpoint sent calls in more than one choice';
    }
    if (adopted.leftOut) this.#warnings.tell('A second choice of the answer was left out.');
    for (const choice of adopted.choices) this.#choice(choice);
  }

  #recover(): void {
    const { recovery, calls: leaked } = this.#content;
    if (recovery === undefined || leaked.length === 0) return;
    const { callsAllowed, leakedCalls } = this.#scope;
    const scope = { callsAllowed, areTrusted: leakedCalls === 'all' };
    const to = { calls: this.#calls, warn: (message: string) => this.#warnings.tell(message) };
    const areTaken = recovery.recoverCalls(leaked, scope, to);
    if (!areTaken) this.#content.keep();
  }
}

function tooLarge(): ModelError {
  const told = `The answer has more than ${longestAnswer} characters of text, reasoning and calls. The transport did not keep it.`;
  return new ModelError('answer_too_large', told);
}

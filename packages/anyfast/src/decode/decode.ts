import type { ModelPart } from '@throughline/core';
import type { Prices } from '../options/pricing.ts';
import { isObject, textOf } from '../wire/json.ts';
import type { JsonObject } from '../wire/json.ts';
import { Troubled } from '../wire/response-problem.ts';
import { Batch } from './batch.ts';
import { Calls } from './calls.ts';
import type { CallScope } from './calls.ts';
import { Content } from './content.ts';
import { knownFinish } from './finish-reason.ts';
import { isRefusal, splitFrames, FrameReader } from './frames.ts';
import { readReasoning } from './reasoning.ts';
import { readUsage } from './usage.ts';

/** What the decoder must know of the request to understand its answer. */
export interface DecodeScope extends CallScope {
  /** The names of the tools sent, as on the wire: leaked calls count only for these. */
  readonly toolNames: readonly string[];
  /** Under `tool_choice: "none"` the model was told to make no calls, so leaked ones are not believed. */
  readonly callsAllowed: boolean;
  readonly prices: Prices | undefined;
  /** Takes the key out of what the endpoint says. */
  redact(text: string): string;
}

/**
 * Turns what the endpoint sends for one question into parts. Every dialect of the contract's sections 2 and 4
 * ends here. It is fed with the events of a stream or with one whole body, and its parts are taken whenever
 * wanted; how the input was cut never shows in them.
 */
export class Decoder {
  readonly #scope: DecodeScope;
  readonly #batch = new Batch();
  readonly #frames = new FrameReader();
  readonly #calls: Calls;
  readonly #content: Content;
  #reasoning = '';
  #reasoningKey: 'reasoning_content' | 'reasoning' | undefined;
  #finish: string | undefined;
  #done = false;
  #inOne = false;
  #torn = false;
  #counted = false;

  constructor(scope: DecodeScope) {
    this.#scope = scope;
    this.#calls = new Calls(scope, this.#batch);
    const sink = {
      text: (delta: string) => this.#batch.text(delta),
      reasoning: (delta: string) => this.#think(delta, 'reasoning_content'),
    };
    this.#content = new Content(sink, scope.toolNames);
  }

  /** The model has said why it stopped: the answer is whole, though its usage may still come. */
  get isWhole(): boolean {
    return this.#finish !== undefined;
  }

  /** `[DONE]` has come. It proves nothing: a gateway writes it after a dead upstream too. */
  get isDone(): boolean {
    return this.#done;
  }

  /** Tells the host of something that was mended or left out. */
  warn(message: string): void {
    this.#batch.warn(this.#scope.redact(message));
  }

  /** Whether `loadRecovery` is to be waited for before the events of this chunk: a leaked token may stand in it. */
  needsRecovery(chunk: string): boolean {
    return this.#content.needsRecovery(chunk);
  }

  async loadRecovery(): Promise<void> {
    this.#content.recoverBy(await import('./leaked-calls.ts'));
  }

  /** The data of one event. Throws `Troubled` for an error frame. */
  event(data: string): void {
    if (this.#done) return;
    const frame = this.#frames.read(data);
    if (frame !== undefined) this.#frame(frame);
    else if (data.trim() === '[DONE]') this.#done = true;
    else this.#oddFrame(data);
  }

  /** A whole body that came without a stream. */
  whole(body: JsonObject): void {
    this.#frame(body);
    this.#done = true;
    this.#inOne = true;
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
    this.#content.end();
    this.#recover();
    this.#calls.end();
    if (this.#content.droppedTokens) {
      this.warn("Tokens of the model's own template were taken out of the answer's text.");
    }
    const known = this.#torn ? undefined : knownFinish(this.#finish, this.#calls.all.length > 0);
    if (known === undefined) return this.#endOddly();
    this.#batch.finish(known);
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
      warn: (message) => this.warn(message),
      redact: (text) => this.#scope.redact(text),
    });
    this.#batch.finish(finish);
  }

  #frame(frame: JsonObject): void {
    if (isRefusal(frame)) {
      if (!this.isWhole) throw new Troubled({ kind: 'error frame', frame });
      return this.warn('An error that came after the end of the answer was left out.');
    }
    const choices = frame['choices'];
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    if (isObject(choice)) this.#choice(choice);
    // The gateway's own count may be an estimate; the one inside the choice is Moonshot's.
    if (!this.#counted) this.#count(frame['usage']);
  }

  #choice(choice: JsonObject): void {
    const delta = choice['delta'];
    if (isObject(delta)) this.#delta(delta, false);
    else if (isObject(choice['message'])) this.#delta(choice['message'], true);
    this.#finish = textOf(choice['finish_reason']) ?? this.#finish;
    if (choice['usage'] !== undefined)
      this.#counted = this.#count(choice['usage']) || this.#counted;
  }

  #delta(delta: JsonObject, whole: boolean): void {
    const thought = readReasoning(delta);
    if (thought !== undefined) this.#think(thought.text, thought.key);
    const content = delta['content'];
    if (typeof content === 'string') this.#say(content, whole);
    else if (Array.isArray(content)) {
      for (const part of content) if (isObject(part)) this.#say(textOf(part['text']) ?? '', whole);
    }
    const calls = delta['tool_calls'];
    if (Array.isArray(calls)) this.#calls.add(calls, whole);
    else if (isObject(delta['function_call'])) {
      this.#calls.add([{ index: 0, function: delta['function_call'] }], whole);
    }
  }

  #say(content: string, whole: boolean): void {
    if (content === '') return;
    // In a whole message it can be seen that the opening tag is missing; in a stream the text is already told.
    const unopened = whole && this.#reasoning === '' && closesUnopened(content);
    this.#content.push(unopened ? `<think>${content}` : content);
  }

  #think(delta: string, key: 'reasoning_content' | 'reasoning'): void {
    this.#reasoningKey ??= key;
    this.#reasoning += delta;
    this.#batch.reasoning(delta, this.#reasoningKey === 'reasoning' ? 'reasoning' : undefined);
  }

  #count(value: unknown): boolean {
    const usage = readUsage(value, this.#scope.prices);
    if (usage !== undefined) this.#batch.usage(usage);
    return usage !== undefined;
  }

  #oddFrame(data: string): void {
    if (data.trim() === '') return;
    const frames = splitFrames(data);
    if (frames !== undefined) {
      for (const frame of frames) this.#frame(frame);
      if (/\[DONE\]\s*$/.test(data)) this.#done = true;
      return;
    }
    // What was no chunk to begin with is a gateway's noise; a damaged chunk has lost a piece of the answer.
    if (data.includes('{')) this.#torn = true;
    const seen = this.#scope.redact(data.trim()).slice(0, 80);
    this.warn(`A frame that is no JSON was left out: ${seen}`);
  }

  #recover(): void {
    const { recovery } = this.#content;
    if (recovery === undefined) return;
    const { toolNames, callsAllowed } = this.#scope;
    let leaked = this.#content.calls;
    const silent = this.#content.said.trim() === '' && this.#calls.all.length === 0;
    if (leaked.length === 0 && silent && this.#finish !== 'length') {
      leaked = recovery.callsInReasoning(this.#reasoning, toolNames);
    }
    const cut = this.#finish === 'length';
    const to = { calls: this.#calls, batch: this.#batch };
    recovery.recoverCalls(leaked, { toolNames, callsAllowed, cut }, to);
  }
}

function closesUnopened(content: string): boolean {
  const close = content.indexOf('</think>');
  if (close === -1) return false;
  const open = content.indexOf('<think>');
  return open === -1 || open > close;
}

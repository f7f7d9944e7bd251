import type { ModelPart } from '@throughline/core';
import { translated } from '../http/http.ts';
import type { Endpoint } from '../http/http.ts';
import type { Incoming } from '../wire/exchange.ts';
import { parseObject } from '../wire/json.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';
import { Decoder, longestAnswer } from './decode.ts';
import type { DecodeScope } from './decode.ts';
import { readEvents } from './sse.ts';
import type { EventReader } from './sse.ts';

/** After its last word a response should end at once; a socket that does not is closed. */
const drainMs = 200;
const drainReads = 20;
/** After the model has finished, only the usage can still come. */
const usageMs = 5000;

/**
 * The answer in a response, batch by batch. Whether it is a stream or one JSON body is read from the body
 * itself: hosts ignore `stream`, and gateways mislabel what they send.
 */
export class AnswerReader {
  readonly #incoming: Incoming;
  readonly #decoder: Decoder;
  readonly #endpoint: Endpoint;
  readonly #signal: AbortSignal;
  #events: EventReader | undefined;
  #heardEvent = false;
  /** What belongs to no event: all of a body that is no stream. */
  #body = '';
  #progress = 0;
  /** When the model had finished, as `performance.now()` counts. */
  #wholeSince: number | undefined;
  #ended = false;
  /** Thrown once the parts that came before it are told. */
  #failure: { readonly error: unknown } | undefined;

  constructor(incoming: Incoming, scope: DecodeScope, endpoint: Endpoint, signal: AbortSignal) {
    this.#incoming = incoming;
    this.#decoder = new Decoder(scope);
    this.#endpoint = endpoint;
    this.#signal = signal;
  }

  /**
   * The parts of the next network chunk, which may be none; undefined when the answer is over. Rejects with a
   * ModelError, or with the signal's reason; what came before an error is told before it.
   */
  async next(): Promise<readonly ModelPart[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#ended) return this.#drain();
    try {
      await this.#advance();
    } catch (caught) {
      const isOurs = caught instanceof ResponseProblemError || this.#signal.aborted;
      const error = isOurs ? await this.#translated(caught) : caught;
      const told = this.#decoder.take();
      if (told.length === 0 || this.#signal.aborted) throw error;
      this.#failure = { error };
      return told;
    }
    return this.#decoder.take();
  }

  close(): void {
    this.#incoming.close();
  }

  async #advance(): Promise<void> {
    const text = await this.#read();
    if (text !== undefined) {
      if (this.#decoder.needsRecovery(text)) {
        await this.#decoder.loadRecovery();
        this.#signal.throwIfAborted();
      }
      this.#feed(text);
    }
    if (text !== undefined && !this.#decoder.isDone && !this.#isLate()) return;
    const ending = this.#end();
    if (ending !== undefined) await ending;
    this.#signal.throwIfAborted();
  }

  /** A connection that breaks after the model has finished has lost nothing but the usage. */
  async #read(): Promise<string | undefined> {
    try {
      return await this.#incoming.read();
    } catch (error) {
      if (this.#decoder.isWhole && !this.#signal.aborted) return undefined;
      throw await this.#translated(error);
    }
  }

  #translated(error: unknown): Promise<unknown> {
    return translated(error, this.#endpoint, this.#signal, this.#incoming.headers);
  }

  #feed(text: string): void {
    if (this.#events !== undefined) return this.#feedEvents(this.#events, text);
    if (text === '') return;
    // Whether it is a stream shows in its first character; blank lines before it mean nothing.
    const begins = this.#body === '';
    const more = begins ? text.trimStart() : text;
    if (more === '') return;
    if (begins && looksLikeEvents(more)) {
      this.#events = this.#toEvents();
      return this.#feedEvents(this.#events, more);
    }
    this.#hold(more);
    if (/\S/.test(more)) this.#incoming.heardData();
  }

  #toEvents(): EventReader {
    return readEvents({
      longest: longestAnswer,
      onData: (data, type) => {
        this.#heardEvent = true;
        this.#decoder.event(data, type);
      },
      // A gateway may write its error, or the whole answer, behind keep-alives as if there were none.
      onStray: (line, field, value) => {
        if (field === 'error') this.#decoder.event(value, 'error');
        else this.#hold(`${line}\n`);
      },
      onTooLong: tooLong,
    });
  }

  #hold(text: string): void {
    this.#body += text;
    if (this.#body.length > longestAnswer) tooLong();
  }

  #feedEvents(events: EventReader, text: string): void {
    events.feed(text);
    const { progress, isWhole, isDone } = this.#decoder;
    // Only what says something is data: frames may be as empty as keep-alives.
    if (progress > this.#progress) this.#incoming.heardData();
    this.#progress = progress;
    if (!isWhole || isDone) return;
    this.#wholeSince ??= performance.now();
    this.#incoming.hasten(usageMs);
  }

  /** The usage has not come, and something else comes without end. */
  #isLate(): boolean {
    return this.#wholeSince !== undefined && performance.now() - this.#wholeSince > usageMs;
  }

  #end(): Promise<void> | undefined {
    this.#ended = true;
    this.#events?.end();
    if (!this.#heardEvent) this.#endBody();
    else if (this.#body !== '') this.#decoder.event(this.#body);
    return this.#decoder.end();
  }

  #endBody(): void {
    const body = parseObject(this.#body);
    if (body !== undefined) this.#decoder.whole(body);
    else if (!this.#decoder.lines(this.#body)) {
      throw new ResponseProblemError({ kind: 'unreadable', body: this.#body });
    }
  }

  /** Reading the end of the response lets its socket be used again. The answer is told: nothing can fail now. */
  async #drain(): Promise<undefined> {
    if (this.#incoming.hasEnded) return;
    this.#incoming.hasten(drainMs);
    try {
      for (let reads = 0; reads < drainReads; reads++) {
        if ((await this.#incoming.read()) === undefined) return;
      }
    } catch {
      return;
    }
  }
}

function looksLikeEvents(body: string): boolean {
  const first = body[0];
  return first !== '{' && first !== '[' && first !== '<';
}

function tooLong(): never {
  throw new ResponseProblemError({ kind: 'too long', longest: longestAnswer });
}

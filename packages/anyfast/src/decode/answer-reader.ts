import type { ModelPart } from '@throughline/core';
import { translated } from '../http/http.ts';
import type { Endpoint } from '../http/http.ts';
import type { Incoming, StopSignal } from '../wire/exchange.ts';
import { parseObject } from '../wire/json.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';
import { Decoder, longestAnswer } from './decode.ts';
import type { DecodeScope } from './decode-scope.ts';
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
  readonly #signal: StopSignal;
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

  constructor(incoming: Incoming, scope: DecodeScope, endpoint: Endpoint, signal: StopSignal) {
    this.#incoming = incoming;
    this.#decoder = new Decoder(scope);
    this.#endpoint = endpoint;
    this.#signal = signal;
  }

  /**
   * The next parts, those of one network chunk or more; undefined when the answer is over. Rejects with a
   * ModelError, or with the signal's reason; what came before an error is told before it.
   */
  async next(): Promise<readonly ModelPart[] | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ended) return this.#incoming.hasEnded ? undefined : this.#drain();
      if (!this.#incoming.isReady) await this.#incoming.wait();
      try {
        const rest = this.#advance();
        if (rest !== undefined) await rest;
        if (this.#ended) this.#signal.throwIfAborted();
      } catch (caught) {
        const error = await this.#translated(caught);
        const told = this.#decoder.take();
        if (told.length === 0 || this.#signal.aborted) throw error;
        this.#failure = { error };
        return told;
      }
      const parts = this.#decoder.take();
      if (parts.length > 0) return parts;
    }
  }

  close(): void {
    this.#incoming.close();
  }

  /** Takes what is ready. A promise only where more code must be loaded first. */
  #advance(): Promise<void> | undefined {
    const text = this.#read();
    if (text === undefined) return this.#end();
    if (this.#decoder.needsRecovery(text)) return this.#loadAndTake(text);
    return this.#take(text);
  }

  async #loadAndTake(text: string): Promise<void> {
    await this.#decoder.loadRecovery();
    this.#signal.throwIfAborted();
    await this.#take(text);
  }

  #take(text: string): Promise<void> | undefined {
    this.#feed(text);
    return this.#decoder.isDone || this.#isLate() ? this.#end() : undefined;
  }

  /** A connection that breaks after the model has finished has lost nothing but the usage. */
  #read(): string | undefined {
    try {
      return this.#incoming.read();
    } catch (error) {
      if (this.#decoder.isWhole && !this.#signal.aborted) return undefined;
      throw new Broken(error);
    }
  }

  /** What the platform or the host did, as the caller gets it; a mistake of ours as it is. */
  async #translated(caught: unknown): Promise<unknown> {
    const isOurs = caught instanceof Broken || caught instanceof ResponseProblemError;
    if (!isOurs && !this.#signal.aborted) return caught;
    const error = caught instanceof Broken ? caught.reason : caught;
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
    this.#incoming.hasten(drainMs);
    try {
      for (let reads = 0; reads < drainReads; reads++) {
        if ((await this.#incoming.next()) === undefined) return;
      }
    } catch {
      return;
    }
  }
}

/** What the platform threw. */
class Broken {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function looksLikeEvents(body: string): boolean {
  const first = body[0];
  return first !== '{' && first !== '[' && first !== '<';
}

function tooLong(): never {
  throw new ResponseProblemError({ kind: 'too long', longest: longestAnswer });
}

import type { ModelPart } from '@throughline/core';
import { translated } from '../http/http.ts';
import type { Endpoint } from '../http/http.ts';
import type { Incoming } from '../wire/exchange.ts';
import { parseObject } from '../wire/json.ts';
import { Troubled } from '../wire/response-problem.ts';
import { Decoder } from './decode.ts';
import type { DecodeScope } from './decode.ts';
import { readEvents } from './sse.ts';
import type { EventReader } from './sse.ts';

/** After its last word a response should end at once; a socket that does not is given up. */
const drainMs = 200;
const drainReads = 20;
/** After the model has finished, only its bill can still come. */
const billMs = 5000;
/** A body, or one event, of more characters than these is no answer; a model would take hours to write it. */
const longestBody = 64 * 1024 * 1024;

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
  /** A body that is no stream. */
  #body = '';
  #ended = false;

  constructor(incoming: Incoming, scope: DecodeScope, endpoint: Endpoint, signal: AbortSignal) {
    this.#incoming = incoming;
    this.#decoder = new Decoder(scope);
    this.#endpoint = endpoint;
    this.#signal = signal;
  }

  /**
   * The parts of the next network chunk, which may be none; undefined when the answer is over. Rejects with a
   * ModelError, or with the signal's reason.
   */
  async next(): Promise<readonly ModelPart[] | undefined> {
    if (this.#ended) return this.#drain();
    try {
      const text = await this.#read();
      if (text !== undefined) {
        if (this.#decoder.needsRecovery(text)) {
          await this.#decoder.loadRecovery();
          this.#signal.throwIfAborted();
        }
        this.#feed(text);
      }
      if (text === undefined || this.#decoder.isDone) {
        const ending = this.#end();
        if (ending !== undefined) await ending;
        this.#signal.throwIfAborted();
      }
    } catch (error) {
      const isOurs = error instanceof Troubled || this.#signal.aborted;
      throw isOurs ? await this.#translated(error) : error;
    }
    return this.#decoder.take();
  }

  close(): void {
    this.#incoming.close();
  }

  /** A connection that breaks after the model has finished has lost nothing but the bill. */
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
    this.#body += begins ? text.trimStart() : text;
    if (this.#body === '') return;
    if (!begins || !looksLikeEvents(this.#body)) return this.#holdBody();
    const events = readEvents({
      longest: longestBody,
      onData: (data) => {
        this.#heardEvent = true;
        this.#incoming.heardData();
        this.#decoder.event(data);
      },
      onTooLong: () => {
        throw new Troubled({ kind: 'too long', longest: longestBody });
      },
    });
    this.#events = events;
    this.#feedEvents(events, this.#body);
  }

  #holdBody(): void {
    this.#incoming.heardData();
    if (this.#body.length > longestBody)
      throw new Troubled({ kind: 'too long', longest: longestBody });
  }

  #feedEvents(events: EventReader, text: string): void {
    events.feed(text);
    const { isWhole, isDone } = this.#decoder;
    if (isWhole && !isDone) this.#incoming.hasten(billMs);
  }

  #end(): Promise<void> | undefined {
    this.#ended = true;
    this.#events?.end();
    if (!this.#heardEvent) {
      const body = parseObject(this.#body);
      if (body === undefined) throw new Troubled({ kind: 'unreadable', body: this.#body });
      this.#decoder.whole(body);
    }
    return this.#decoder.end();
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
  return first !== undefined && first !== '{' && first !== '[' && first !== '<';
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FiringFault } from '../fault/plan.ts';
import type { Settings } from '../options.ts';
import type { OpenRecord } from '../wire/recorded-request.ts';
import { refusalBody, tooLarge, type Refusal } from '../wire/refusal.ts';
import { BodyWriter } from './body-writer.ts';
import { unpack } from './unpack.ts';

/** After so long without a byte the gateway in front of the endpoint gives up. */
const silenceMs = 900_000;

/** One request and its response: reads the one, writes the other, and knows when the client left. */
export class Exchange {
  readonly record: OpenRecord;
  /** Fires when the client leaves or the simulator closes. */
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #settings: Settings;
  readonly #abort = new AbortController();
  readonly #closing: AbortSignal;
  readonly #onClosing = (): void => this.#leave(false);
  #endedByUs = false;

  constructor(
    response: ServerResponse,
    record: OpenRecord,
    settings: Settings,
    closing: AbortSignal,
  ) {
    this.record = record;
    this.signal = this.#abort.signal;
    this.#response = response;
    this.#settings = settings;
    this.#closing = closing;
    closing.addEventListener('abort', this.#onClosing, { once: true });
    response.once('close', () => {
      if (!response.writableEnded) this.#leave(!this.#endedByUs);
    });
    response.on('error', () => this.#leave(!this.#endedByUs));
  }

  /** Reads the whole body as text, unpacked, or refuses one that is too large or cannot be unpacked. */
  async readBody(request: IncomingMessage, maxBytes: number): Promise<string | Refusal> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
    }
    if (size > maxBytes) return tooLarge();
    const encoding = request.headers['content-encoding'];
    const body = await unpack(Buffer.concat(chunks), encoding, maxBytes);
    if (!Buffer.isBuffer(body)) return body;
    this.record.bodyText = body.toString('utf8');
    return this.record.bodyText;
  }

  /** Answers the question that a browser asks before it sends to another origin. */
  async preflight(): Promise<void> {
    this.#head(204, {
      'access-control-allow-methods': 'GET,POST,PUT,DELETE,OPTIONS',
      'access-control-allow-headers': '*, authorization',
      'access-control-max-age': 43_200,
    });
    await this.writer({ pieceDelayMs: 0 }).end();
  }

  /** Answers with an error. */
  async refuse(refusal: Refusal): Promise<void> {
    const { requestId } = this.record;
    const body = refusalBody(refusal, requestId, this.#settings.errorBody);
    this.record.error = refusal.body?.text ?? refusal.message;
    this.record.retryAfterMs = waitOf(refusal.headers?.['retry-after']);
    const headers = { 'content-type': body.type, ...refusal.headers };
    await this.#sendWhole(refusal.status, headers, body.text);
  }

  /** Lets an error or a socket fault happen in place of an answer. */
  async fail({ fault, setting }: FiringFault): Promise<void> {
    this.record.faults = [...this.record.faults, fault.name];
    if (fault.refuse) return this.refuse(withWait(fault.refuse(setting), setting.retryAfter));
    if (fault.before === 'stall') await this.stall();
    return fault.before === 'reset' ? this.reset() : this.destroy();
  }

  /** Answers with a JSON value. */
  async sendJson(value: unknown): Promise<void> {
    await this.sendBody('application/json; charset=utf-8', JSON.stringify(value));
  }

  /** Answers with a body that is there in full. */
  async sendBody(type: string, text: string): Promise<void> {
    await this.#sendWhole(200, { 'content-type': type }, text);
  }

  /** Starts a body of status 200; `length` is announced if it is known. */
  start(headers: Readonly<Record<string, string | number>>): void {
    this.#head(200, headers);
  }

  /** The writer of the body that was started. */
  writer(pace: {
    readonly pieceDelayMs: number;
    readonly cutBytes?: number | undefined;
  }): BodyWriter {
    const cutBytes = pace.cutBytes ?? this.#settings.cutBytes;
    return new BodyWriter(this.#response, this.signal, { ...pace, cutBytes });
  }

  /** Ends the socket in the middle, as a proxy that lost its upstream does. */
  destroy(): void {
    this.#endedByUs = true;
    this.#response.destroy();
  }

  /** Ends the socket with a reset. */
  reset(): void {
    this.#endedByUs = true;
    const { socket } = this.#response;
    if (socket) socket.resetAndDestroy();
    else this.#response.destroy();
  }

  /** Waits so long, or rejects when the client leaves. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.signal });
  }

  /** Waits until the client leaves, at most as long as the gateway bears silence. */
  async stall(): Promise<void> {
    this.record.stalled = true;
    await this.wait(silenceMs);
  }

  /** Lets go of what would keep the exchange alive. */
  release(): void {
    this.#closing.removeEventListener('abort', this.#onClosing);
  }

  async #sendWhole(
    status: number,
    headers: Readonly<Record<string, string>>,
    text: string,
  ): Promise<void> {
    this.#head(status, { ...headers, 'content-length': Buffer.byteLength(text) });
    const writer = this.writer({ pieceDelayMs: 0 });
    await writer.write(text);
    await writer.end();
  }

  #head(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.signal.throwIfAborted();
    this.record.status = status;
    // As the gateway has it: pages of any origin may ask, and read. Which pages get more than a refusal, `checkCaller` says.
    this.#response.writeHead(status, {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      ...headers,
      'x-oneapi-request-id': this.record.requestId,
    });
  }

  #leave(byClient: boolean): void {
    if (byClient && !this.signal.aborted) this.record.closedByClient = true;
    this.#abort.abort();
  }
}

function withWait(refusal: Refusal, retryAfter: number | string | false | undefined): Refusal {
  if (retryAfter === undefined) return refusal;
  const { 'retry-after': _, ...headers } = refusal.headers ?? {};
  if (retryAfter === false) return { ...refusal, headers };
  return { ...refusal, headers: { ...headers, 'retry-after': String(retryAfter) } };
}

function waitOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = Number(retryAfter);
  const waitMs = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

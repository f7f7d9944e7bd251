import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How the bytes of a body leave. */
export interface Pace {
  readonly cutBytes: number | undefined;
  readonly pieceDelayMs: number;
}

const framesPerPause = 64;

/**
 * Writes a body to a response: waits when the client reads slowly, cuts it into pieces of so many
 * bytes if asked, and rejects as soon as the signal fires.
 */
export class BodyWriter {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  #rest = Buffer.alloc(0);
  #written = 0;
  #flushed = false;

  constructor(response: ServerResponse, signal: AbortSignal, pace: Pace) {
    this.#response = response;
    this.#signal = signal;
    this.#pace = pace;
  }

  /** Writes a text after a pause. */
  async write(text: string, pauseMs = 0): Promise<void> {
    const waitMs = pauseMs + (this.#written > 0 ? this.#pace.pieceDelayMs : 0);
    if (waitMs > 0) {
      await this.flush();
      await sleep(waitMs, undefined, { signal: this.#signal });
    }
    this.#written += 1;
    if (this.#pace.cutBytes === undefined) {
      // The pause comes before a write, so that the end follows the last one at once.
      if (this.#written % framesPerPause === 0) await nextTurn();
      return this.#send(Buffer.from(text));
    }
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    await this.#sendPieces(this.#pace.cutBytes);
  }

  /** Writes what is held back because it did not fill a piece. */
  async flush(): Promise<void> {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length > 0) await this.#send(rest);
  }

  /** Ends the body. */
  async end(): Promise<void> {
    await this.flush();
    this.#signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.#response.once('close', resolve);
      this.#response.end(resolve);
    });
  }

  /** Waits until everything written has left this process. */
  async drain(): Promise<void> {
    await this.flush();
    this.#signal.throwIfAborted();
    this.#response.flushHeaders();
    const { socket } = this.#response;
    if (socket) await new Promise<void>((resolve) => socket.write('', () => resolve()));
    await nextTurn();
  }

  async #sendPieces(size: number): Promise<void> {
    let start = 0;
    while (this.#rest.length - start >= size) {
      await this.#sendPiece(this.#rest.subarray(start, start + size));
      // Writes of one turn of the event loop leave in one packet: each piece gets its own turn.
      await nextTurn();
      start += size;
    }
    this.#rest = this.#rest.subarray(start);
  }

  /** A chunk as one short write: a response makes four of it, and pieces are what a cut body costs. */
  async #sendPiece(bytes: Buffer): Promise<void> {
    const { socket, chunkedEncoding } = this.#response;
    if (!chunkedEncoding || socket === null) return this.#send(bytes);
    this.#signal.throwIfAborted();
    if (!this.#flushed) this.#response.flushHeaders();
    this.#flushed = true;
    const chunk = `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`;
    if (!socket.write(chunk, 'latin1')) await this.#drained(socket);
  }

  async #send(bytes: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    if (!this.#response.write(bytes)) await this.#drained(this.#response);
  }

  #drained(filled: Writable): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const onDrain = (): void => {
        this.#signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        filled.off('drain', onDrain);
        reject(this.#signal.reason);
      };
      filled.once('drain', onDrain);
      this.#signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

import { appendFile } from 'node:fs/promises';
import type { ChatRequest } from './chat-request.ts';

/** Something a request did that the endpoint let pass and a careful client would not do. */
export interface Lint {
  /** A short name to test for, e.g. `history-altered`. */
  readonly name: string;
  readonly message: string;
  /** The index of the request in `requests`. */
  readonly request: number;
}

/** One request the simulator received, and how it ended. It grows while the request is served. */
export interface RecordedRequest {
  /** How many requests came before it. */
  readonly index: number;
  readonly method: string;
  readonly path: string;
  /** Headers with the key replaced by `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text of the body, unpacked; empty once newer requests have pushed it out, see `keepBodies`. */
  readonly bodyText: string;
  /** The parsed body; undefined if there is none or it is no JSON object. */
  readonly body: ChatRequest | undefined;
  /** When the request arrived, in ms since 1970. */
  readonly arrivedAt: number;
  /** When the answer had ended; undefined while it is being served. */
  readonly endedAt: number | undefined;
  /** The status answered; undefined while there is none, or if the socket was cut before one. */
  readonly status: number | undefined;
  /** The text of the error if the request was refused. */
  readonly error: string | undefined;
  /** The id the answer carried in `X-Oneapi-Request-Id`. */
  readonly requestId: string;
  readonly lints: readonly Lint[];
  /** Names of the faults that fired on this request. */
  readonly faults: readonly string[];
  /** 1, or one more for every request with the same bytes just before that did not get its answer. */
  readonly attempt: number;
  /** The index of the scripted answer; undefined if none was served. */
  readonly answer: number | undefined;
  /** Whether the client went away before the answer had ended. */
  readonly closedByClient: boolean;
  /** Whether a fault made it fall silent: all that came before the silence had left the simulator. */
  readonly stalled: boolean;
  /** Bytes of the prompt: tools and messages as JSON, media left out. */
  readonly promptBytes: number;
  /** How many of them, from the start, had been seen before. */
  readonly cachedBytes: number;
  /** The wait the answer asked for with `Retry-After`, in ms. */
  readonly retryAfterMs: number | undefined;
}

/** A record while the simulator fills it in. */
export type OpenRecord = { -readonly [key in keyof RecordedRequest]: RecordedRequest[key] };

/** Writes records to a file, one JSON object a line, in the order in which the requests ended. */
export class RequestLog {
  readonly #path: string;
  #tail: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the file if it is not there. Rejects if it cannot be written. */
  async open(): Promise<void> {
    await appendFile(this.#path, '');
  }

  /** Queues one line. A write that fails is told by `flush`. */
  append(record: RecordedRequest): void {
    // The body is there as text already; once is enough.
    const { body: _, ...rest } = record;
    const line = `${JSON.stringify(rest)}\n`;
    this.#tail = this.#tail.then(() => appendFile(this.#path, line));
    this.#tail.catch(() => {});
  }

  /** Waits until all lines are written. */
  async flush(): Promise<void> {
    await this.#tail;
  }
}

// wire/ owns what the other folders speak in: an exchange, JSON of unknown shape, foreign text made visible, what may be wrong with
// a response. It does not own any behaviour, and imports from no other folder.

/** One request as it goes out. The body is the same bytes on every attempt. */
export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** The head of a response. */
export interface Head {
  readonly status: number;
  /** Made when they are read, since those of a good answer are not. */
  readonly headers: Headers;
}

/** What is known of a request once the head of its response has come. */
export interface Received {
  readonly outgoing: Outgoing;
  /** Counted from 1. */
  readonly attempt: number;
  readonly head: Head;
  /** As `performance.now()` counts. */
  readonly startedAt: number;
}

/**
 * One request and its response, under way. What is ready is taken without waiting, since a promise for each piece in each layer
 * costs more than the piece.
 */
export interface ClientExchange {
  /** Whether there is something to take: the head, and after it bytes, the end of the body, or the failure. */
  readonly isReady: boolean;
  /** Resolves once there is. Never rejects. */
  wait(): Promise<void>;
  /** The head of the response, once it is ready. Throws the platform's own error. */
  head(): Head;
  /** The next bytes of the body, once they are ready; undefined at its end. Throws as `head` does. */
  read(): Uint8Array | undefined;
  /** Whether the whole body has come, read or not: then the socket is free for the next request. */
  readonly hasEnded: boolean;
  /** Closes the socket, in any state: a wait is over at once, and the next to take throws the reason. */
  destroy(reason: unknown): void;
}

/** What begins an exchange. Throws for a request that cannot be sent at all. */
export type Connect = (outgoing: Outgoing) => ClientExchange;

/** A response being read. The caller closes it. */
export interface Incoming {
  readonly headers: Headers;
  /** As those of an exchange. */
  readonly isReady: boolean;
  wait(): Promise<void>;
  /** The next piece of the body as text, whole characters only, once it is ready; undefined at its end. */
  read(): string | undefined;
  /** The same, waited for. */
  next(): Promise<string | undefined>;
  /** Whether all of it has come, read or not. */
  readonly hasEnded: boolean;
  heardData(): void;
  hasten(idleMs: number): void;
  close(): void;
}

/** As much of an `AbortSignal` as the transport needs. A real one is dear to make. */
export interface StopSignal extends Pick<AbortSignal, 'aborted' | 'reason' | 'throwIfAborted'> {
  addEventListener(type: 'abort', act: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', act: () => void): void;
}

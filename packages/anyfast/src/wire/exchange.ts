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

/** One request and its response, under way. What is pending rejects at once on `destroy`. */
export interface ClientExchange {
  /** Rejects with the platform's own error. */
  open(): Promise<Head>;
  /** The next bytes of the body; undefined at its end. Rejects as `open` does. */
  read(): Promise<Uint8Array | undefined>;
  /** Whether the whole body has come, read or not: then the socket is free for the next request. */
  readonly hasEnded: boolean;
  /** Closes the socket, in any state. */
  destroy(reason: unknown): void;
}

/** What begins an exchange. Throws for a request that cannot be sent at all. */
export type Connect = (outgoing: Outgoing) => ClientExchange;

/** A response being read. The caller closes it. */
export interface Incoming {
  readonly headers: Headers;
  /** The next piece of the body as text, whole characters only; undefined at its end. */
  read(): Promise<string | undefined>;
  /** Whether all of it has come, read or not. */
  readonly hasEnded: boolean;
  heardData(): void;
  hasten(idleMs: number): void;
  close(): void;
}

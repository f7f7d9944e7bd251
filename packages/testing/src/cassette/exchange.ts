/** One request and what came of it, as a cassette keeps it. */
export interface RecordedExchange {
  readonly request: RecordedRequest;
  /** Absent where no response came. */
  readonly response?: RecordedResponse;
  readonly pieces: readonly Piece[];
  readonly end: RecordedEnd;
}

export interface RecordedRequest {
  readonly method: string;
  /** With its query, without the host: a recording of one host is played for another. */
  readonly path: string;
  readonly body: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds after the request. */
  readonly atMs: number;
}

/** The bytes that one read gave. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Milliseconds after the request. */
  readonly atMs: number;
}

/**
 * How it ended: `whole`; `broken`, with what the platform threw; or `left`, where the reader stopped reading (an abort, or a time-out of
 * the transport).
 */
export interface RecordedEnd {
  readonly how: 'whole' | 'broken' | 'left';
  /** Milliseconds after the request. */
  readonly atMs: number;
  readonly error?: PlatformError;
}

/** What `fetch` threw, as plain data. */
export interface PlatformError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly cause?: PlatformError;
}

/** A request as it went over the wire. The key is struck out, in the headers and in the text. */
export interface SentRequest {
  /** 1 for the first attempt, 2 for the first repetition. */
  readonly attempt: number;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The very body; empty for a GET. */
  readonly body: string;
}

/** A response as it came over the wire, told once it has ended, however it ended. */
export interface ReceivedResponse {
  readonly attempt: number;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** All that was read of the body, as text: a stream's frames and keep-alives too. */
  readonly body: string;
  /** From sending the request to the end of the body, in milliseconds. */
  readonly durationMs: number;
  readonly requestId?: string;
}

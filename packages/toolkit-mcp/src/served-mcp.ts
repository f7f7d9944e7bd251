/** A server under way. */
export interface ServedMcp {
  /** Where it is served, over HTTP. */
  readonly url: string | undefined;
  /** What clients send as `Authorization: Bearer …`, over HTTP. */
  readonly token: string | undefined;
  /** Resolves when it has ended: `close` was called, or, over stdio, the client closed stdin. */
  readonly closed: Promise<void>;
  /** Aborts the calls under way and ends the server. The tools are the host's: it disposes of them itself. */
  close(): Promise<void>;
}

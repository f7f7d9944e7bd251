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

/** Who watches the wire. A watcher that throws is reported as an uncaught error and disturbs no request. */
export interface Watcher {
  readonly onRequest?: ((request: SentRequest) => void) | undefined;
  readonly onResponse?: ((response: ReceivedResponse) => void) | undefined;
}

/** One watcher that tells all of them; undefined when there is none, so that nothing is collected. */
export function watchers(...all: readonly Watcher[]): Watcher | undefined {
  const requests = all.flatMap((one) => one.onRequest ?? []);
  const responses = all.flatMap((one) => one.onResponse ?? []);
  if (requests.length === 0 && responses.length === 0) return undefined;
  return {
    onRequest: requests.length === 0 ? undefined : (sent) => tell(requests, sent),
    onResponse: responses.length === 0 ? undefined : (received) => tell(responses, received),
  };
}

function tell<T>(listeners: readonly ((told: T) => void)[], told: T): void {
  for (const listener of listeners) {
    try {
      listener(told);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

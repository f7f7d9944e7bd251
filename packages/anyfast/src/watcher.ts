import { debugWriter } from './debug.ts';
import type { Outgoing, Received } from './exchange.ts';
import { requestIdOf } from './refusal.ts';
import type { ReceivedResponse, SentRequest } from './watch.ts';

/** Who watches; the options of the same names. */
interface Watching {
  readonly onRequest?: ((sent: SentRequest) => void) | undefined;
  readonly onResponse?: ((received: ReceivedResponse) => void) | undefined;
  readonly debug?: boolean | ((line: string) => void) | undefined;
}

/** Tells those who watch the wire. One that throws is reported as an uncaught error and disturbs no request. */
export class Watcher {
  readonly #onRequest: readonly ((sent: SentRequest) => void)[];
  readonly #onResponse: readonly ((received: ReceivedResponse) => void)[];
  readonly #redact: (text: string) => string;

  constructor(
    { onRequest, onResponse, debug = false }: Watching,
    redact: (text: string) => string,
  ) {
    const writer = debug === false ? undefined : debugWriter(debug);
    this.#onRequest = [onRequest, writer?.onRequest].filter((one) => one !== undefined);
    this.#onResponse = [onResponse, writer?.onResponse].filter((one) => one !== undefined);
    this.#redact = redact;
  }

  /** Whether bodies must be kept to be told. */
  get readsBodies(): boolean {
    return this.#onResponse.length > 0;
  }

  sent({ method, url, headers, body }: Outgoing, attempt: number): void {
    if (this.#onRequest.length === 0) return;
    const text = body === undefined ? '' : this.#redact(new TextDecoder().decode(body));
    const shown = this.#shown(Object.entries(headers));
    tell(this.#onRequest, { attempt, method, url, headers: shown, body: text });
  }

  received({ outgoing, attempt, head, startedAt }: Received, body: string): void {
    if (this.#onResponse.length === 0) return;
    const { status, headers } = head;
    const requestId = requestIdOf(headers);
    tell(this.#onResponse, {
      attempt,
      url: outgoing.url,
      status,
      headers: this.#shown(headers),
      body: this.#redact(body),
      durationMs: performance.now() - startedAt,
      ...(requestId === undefined ? {} : { requestId: this.#redact(requestId) }),
    });
  }

  #shown(headers: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
    return Object.fromEntries(Array.from(headers, ([name, value]) => [name, this.#redact(value)]));
  }
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

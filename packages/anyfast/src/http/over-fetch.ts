import type { Fetch } from '../options/options.ts';
import type { Connect, ClientExchange, Head, Outgoing } from '../wire/exchange.ts';

/** Over the user's own `fetch`, which may be deaf to its signal. */
export function overFetch(fetch: Fetch): Connect {
  return (outgoing) => new FetchExchange(fetch, outgoing);
}

class FetchExchange implements ClientExchange {
  readonly #controller = new AbortController();
  readonly #opening: Promise<Response>;
  #hasEnded = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #rejectOpening: ((reason: unknown) => void) | undefined;

  constructor(fetch: Fetch, { url, ...init }: Outgoing) {
    const { signal } = this.#controller;
    // A redirect would drop the body or carry the key to another host.
    this.#opening = fetch(url, { ...init, redirect: 'manual', signal });
    // A fetch that ignores its signal may still settle later, without a reader.
    const giveUp = async (): Promise<void> => {
      const late = await this.#opening;
      if (signal.aborted) await late.body?.cancel();
    };
    giveUp().catch(() => undefined);
  }

  async open(): Promise<Head> {
    const hungUp = new Promise<never>((_, reject) => (this.#rejectOpening = reject));
    const response = await Promise.race([this.#opening, hungUp]);
    this.#reader = response.body?.getReader();
    return response;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async read(): Promise<Uint8Array | undefined> {
    const bytes = (await this.#reader?.read())?.value;
    this.#hasEnded = bytes === undefined;
    return bytes;
  }

  destroy(reason: unknown): void {
    this.#controller.abort(reason);
    this.#rejectOpening?.(reason);
    // Cancelling settles a pending read at once, also that of a body that is deaf to the signal.
    this.#reader?.cancel(reason).catch(() => undefined);
  }
}

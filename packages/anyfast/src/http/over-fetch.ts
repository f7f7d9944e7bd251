import type { Fetch } from '../options/options.ts';
import type { Connect, ClientExchange, Head, Outgoing } from '../wire/exchange.ts';

/** Over the user's own `fetch`, which may be deaf to its signal. */
export function overFetch(fetch: Fetch): Connect {
  return (outgoing) => new FetchExchange(fetch, outgoing);
}

class FetchExchange implements ClientExchange {
  readonly #controller = new AbortController();
  readonly #opening: Promise<Response>;
  #response: Response | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #rejectOpening: ((reason: unknown) => void) | undefined;
  #isHeadTaken = false;
  /** What was read ahead, for the next to take. */
  #next: { readonly bytes: Uint8Array | undefined } | undefined;
  #failure: { readonly reason: unknown } | undefined;

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

  get isReady(): boolean {
    if (this.#failure !== undefined) return true;
    return this.#isHeadTaken ? this.#next !== undefined : this.#response !== undefined;
  }

  async wait(): Promise<void> {
    try {
      if (this.#isHeadTaken) this.#next = { bytes: (await this.#reader?.read())?.value };
      else this.#response = await this.#open();
    } catch (reason) {
      this.#failure ??= { reason };
    }
  }

  async #open(): Promise<Response> {
    const hungUp = new Promise<never>((_, reject) => (this.#rejectOpening = reject));
    const response = await Promise.race([this.#opening, hungUp]);
    this.#reader = response.body?.getReader();
    return response;
  }

  head(): Head {
    if (this.#response === undefined) throw this.#failure?.reason;
    this.#isHeadTaken = true;
    return this.#response;
  }

  get hasEnded(): boolean {
    return this.#next !== undefined && this.#next.bytes === undefined;
  }

  read(): Uint8Array | undefined {
    if (this.#failure !== undefined && !this.hasEnded) throw this.#failure.reason;
    const bytes = this.#next?.bytes;
    if (bytes !== undefined) this.#next = undefined;
    return bytes;
  }

  destroy(reason: unknown): void {
    this.#controller.abort(reason);
    this.#rejectOpening?.(reason);
    // Cancelling settles a pending read at once, also that of a body that is deaf to the signal.
    this.#reader?.cancel(reason).catch(() => undefined);
  }
}

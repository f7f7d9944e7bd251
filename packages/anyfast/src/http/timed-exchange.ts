import type { Connect, ClientExchange, Head, Outgoing, StopSignal } from '../wire/exchange.ts';
import { ResponseProblemError } from '../wire/response-problem.ts';

/** How long a request may be silent, in milliseconds. */
export interface Timeouts {
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/**
 * One request and its response: it ends when the response ends, when it is closed, when the signal aborts, or
 * when it is silent for too long, and then no timer, listener or socket of it is left.
 *
 * Silence has two measures. Before the first data nothing but `firstByteTimeoutMs` counts, since a thinking
 * model may be quiet for minutes. After it, no byte at all for `idleTimeoutMs` ends the exchange. A keep-alive
 * comment is a byte, so a gateway that says "still waiting" is believed, but with no data for
 * `firstByteTimeoutMs` the exchange ends all the same: a gateway can wait for a dead upstream forever. The clock
 * stands still while the caller does not read: a slow reader is not the server's silence.
 */
export class TimedExchange {
  readonly #timeouts: Timeouts;
  readonly #signal: StopSignal;
  readonly #onAbort = (): void => this.#fail(this.#signal.reason);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #exchange: ClientExchange | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #closed = false;
  #heardByte = performance.now();
  #heardData = this.#heardByte;
  /** When the reader was last given something, while it has not come back for more. */
  #restsSince: number | undefined;
  #looksAgain = false;
  #begun = false;
  #idleMs: number;

  constructor(timeouts: Timeouts, signal: StopSignal) {
    this.#timeouts = timeouts;
    this.#signal = signal;
    this.#idleMs = timeouts.idleTimeoutMs;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
    else this.#arm(timeouts.firstByteTimeoutMs);
  }

  /** Sends the request, once. */
  begin(connect: Connect, outgoing: Outgoing): void {
    this.#check();
    this.#exchange = connect(outgoing);
  }

  get isReady(): boolean {
    return this.#failure !== undefined || (this.#exchange?.isReady ?? true);
  }

  wait(): Promise<void> {
    this.#goOn();
    return this.#sent.wait();
  }

  /** The response's head. Throws the platform's own error, `ResponseProblemError` by silence, or the signal's reason. */
  head(): Head {
    this.#check();
    const head = this.#sent.head();
    this.#rest();
    return head;
  }

  /** The next bytes of the body; undefined at its end. Throws as `head` does. */
  read(): Uint8Array | undefined {
    this.#goOn();
    this.#check();
    const bytes = this.#sent.read();
    this.#rest();
    return bytes;
  }

  get #sent(): ClientExchange {
    if (this.#exchange === undefined) throw new Error('Nothing was sent.');
    return this.#exchange;
  }

  /** Whether all of the response has come, read or not. */
  get hasEnded(): boolean {
    return this.#exchange?.hasEnded ?? false;
  }

  /** What came was data and no keep-alive. */
  heardData(): void {
    this.#heardData = this.#heardByte;
    if (this.#begun) return;
    this.#begun = true;
    this.#arm(this.#idleMs);
  }

  /** What mattered has come: from here on the response may be silent only for so long. */
  hasten(idleMs: number): void {
    if (this.#idleMs <= idleMs || this.#closed) return;
    this.#idleMs = idleMs;
    this.#arm(idleMs);
  }

  /** Ends the exchange in any state, more than once if need be; an unread response closes its socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (!this.hasEnded) this.#exchange?.destroy(new Error('The response was closed.'));
  }

  #rest(): void {
    this.#heardByte = performance.now();
    this.#restsSince = this.#heardByte;
    this.#looksAgain = false;
  }

  #goOn(): void {
    if (this.#restsSince === undefined) return;
    const restedMs = performance.now() - this.#restsSince;
    this.#restsSince = undefined;
    this.#heardByte += restedMs;
    this.#heardData += restedMs;
    if (this.#timer === undefined && !this.#closed) this.#look();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #fail(reason: unknown): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#failure = { reason };
    this.#exchange?.destroy(reason);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ring(), Math.max(1, Math.ceil(ms)));
  }

  #ring(): void {
    this.#timer = undefined;
    if (this.#restsSince === undefined) this.#look();
  }

  /** One timer for the whole exchange, which looks at the clock when it rings: reading sets no timers. */
  #look(): void {
    const { firstByteTimeoutMs } = this.#timeouts;
    const now = performance.now();
    const waitMs = Math.max(firstByteTimeoutMs, this.#begun ? this.#idleMs : 0);
    const forData = this.#heardData + waitMs - now;
    const forBytes = this.#begun ? this.#heardByte + this.#idleMs - now : forData;
    const leftMs = Math.min(forBytes, forData);
    if (leftMs > 0) return this.#arm(leftMs);
    if (!this.#looksAgain) return this.#lookAgain();
    if (!this.#begun)
      return this.#fail(new ResponseProblemError({ kind: 'first byte', ms: waitMs }));
    if (forBytes <= 0)
      return this.#fail(new ResponseProblemError({ kind: 'idle', ms: this.#idleMs }));
    this.#fail(new ResponseProblemError({ kind: 'keep-alives only', ms: waitMs }));
  }

  /** Where the process was busy, what has come is still unread: Node reads it after its timers have rung. */
  #lookAgain(): void {
    this.#looksAgain = true;
    const ring = (): void => {
      if (!this.#closed && this.#timer === undefined) this.#ring();
    };
    // Where there is no Node, what has come is not read after the timers either.
    if (typeof setImmediate === 'function') setImmediate(ring);
    else setTimeout(ring);
  }
}

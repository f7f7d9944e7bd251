import type { IncomingMessage } from 'node:http';
import type { SimulatorOptions } from '../options.ts';
import { hashOf } from '../wire/hash.ts';
import type { Lint, OpenRecord, RecordedRequest, RequestLog } from '../wire/recorded-request.ts';
import { RequestIds } from '../wire/request-id.ts';

/** A lint before it is booked on a request. */
export type Finding = Pick<Lint, 'name' | 'message'>;

/** The bounds on what a simulator that runs for days keeps in memory. */
export const bounds = {
  /** Records of requests, and lints. */
  records: 100_000,
  /** Bodies, where `keepBodies` says nothing. */
  bodies: 1_000,
  /** The characters of all kept bodies together. */
  bodyChars: 256 * 1024 * 1024,
};

/**
 * Keeps the record of every request and every lint, within bounds. This folder owns what the simulator remembers between
 * requests, and the lints that come of it; it refuses nothing.
 */
export class Ledger {
  readonly requests: RecordedRequest[] = [];
  readonly lints: Lint[] = [];
  readonly #ids = new RequestIds();
  readonly #log: RequestLog | undefined;
  /** The latest request with each body, by the hash of the body. */
  readonly #latest = new Map<string, RecordedRequest>();
  /** Requests that have ended and still have their bodies, in the order in which they ended. */
  readonly #withBody: OpenRecord[] = [];
  #bodyChars = 0;
  #count = 0;
  readonly #options: Pick<SimulatorOptions, 'onRequest' | 'keepBodies'>;

  constructor(
    log: RequestLog | undefined,
    options: Pick<SimulatorOptions, 'onRequest' | 'keepBodies'>,
  ) {
    this.#log = log;
    this.#options = options;
  }

  /** Opens the record of a request that has just arrived. */
  open(request: IncomingMessage): OpenRecord {
    const record: OpenRecord = {
      index: this.#count,
      method: request.method ?? '',
      path: (request.url ?? '').split('?')[0] ?? '',
      headers: redact(request),
      bodyText: '',
      body: undefined,
      arrivedAt: Date.now(),
      endedAt: undefined,
      status: undefined,
      error: undefined,
      requestId: this.#ids.next(),
      lints: [],
      faults: [],
      attempt: 1,
      answer: undefined,
      closedByClient: false,
      stalled: false,
      promptBytes: 0,
      cachedBytes: 0,
      retryAfterMs: undefined,
    };
    this.#count += 1;
    this.requests.push(record);
    if (this.requests.length > bounds.records) this.requests.shift();
    return record;
  }

  /** Counts the attempts of a body, and lints a retry that came before `Retry-After` was over. */
  countAttempt(record: OpenRecord): void {
    if (record.bodyText === '') return;
    const hash = hashOf(record.bodyText);
    const earlier = this.#latest.get(hash);
    this.#latest.delete(hash); // so that it stands last, as the youngest
    this.#latest.set(hash, record);
    const [oldest = hash] = this.#latest.keys();
    if (this.#latest.size > bounds.records) this.#latest.delete(oldest);
    if (!earlier) return;
    const failed = earlier.status !== 200 || earlier.closedByClient || earlier.faults.length > 0;
    if (earlier.index !== record.index - 1 && !failed) return;
    record.attempt = earlier.attempt + 1;
    this.#lintEarlyRetry(record, earlier);
  }

  /** Books findings on a request. */
  lint(record: OpenRecord, findings: readonly Finding[]): void {
    const lints = findings.map((finding) => ({ ...finding, request: record.index }));
    record.lints = [...record.lints, ...lints];
    this.lints.push(...lints);
    const excess = this.lints.length - bounds.records;
    if (excess > 0) this.lints.splice(0, excess);
  }

  /** Closes a record: it is logged and told. */
  close(record: OpenRecord): void {
    record.endedAt = Date.now();
    this.#log?.append(record);
    this.#options.onRequest?.(record);
    if (record.bodyText === '') return;
    this.#withBody.push(record);
    this.#bodyChars += record.bodyText.length;
    this.#dropBodies();
  }

  #dropBodies(): void {
    const { keepBodies = bounds.bodies } = this.#options;
    while (this.#withBody.length > keepBodies || this.#bodyChars > bounds.bodyChars) {
      const oldest = this.#withBody.shift();
      if (!oldest) return;
      this.#bodyChars -= oldest.bodyText.length;
      oldest.bodyText = '';
      oldest.body = undefined;
    }
  }

  #lintEarlyRetry(record: OpenRecord, earlier: RecordedRequest): void {
    const { retryAfterMs, endedAt = record.arrivedAt } = earlier;
    if (retryAfterMs === undefined) return;
    const waitedMs = record.arrivedAt - endedAt;
    // Timers and clocks are a few ms apart.
    if (waitedMs >= retryAfterMs - 20) return;
    const message = `The client retried after ${waitedMs} ms, although Retry-After was ${retryAfterMs} ms.`;
    this.lint(record, [{ name: 'retry-too-early', message }]);
  }
}

function redact(request: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    const secret = /^(authorization|proxy-authorization|x-api-key|api-key|cookie)$/.test(name);
    headers[name] = secret ? text.replace(/^(Bearer\s+)?.*$/is, '$1[redacted]') : text;
  }
  return headers;
}

import type { IncomingMessage } from 'node:http';
import type { SimulatorOptions } from '../options.ts';
import type { Lint, OpenRecord, RecordedRequest, RequestLog } from '../wire/recorded-request.ts';
import { RequestIds } from '../wire/request-id.ts';

/** A lint before it is booked on a request. */
export type Finding = Pick<Lint, 'name' | 'message'>;

/** Keeps the record of every request and every lint. */
export class Ledger {
  readonly requests: RecordedRequest[] = [];
  readonly lints: Lint[] = [];
  readonly #ids = new RequestIds();
  readonly #log: RequestLog | undefined;
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
      index: this.requests.length,
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
      promptBytes: 0,
      cachedBytes: 0,
      retryAfterMs: undefined,
    };
    this.requests.push(record);
    return record;
  }

  /** Counts the attempts of a body, and finds one that came before its time. */
  countAttempt(record: OpenRecord): void {
    if (record.bodyText === '') return;
    for (let at = record.index - 1; at >= 0; at -= 1) {
      const earlier = this.requests[at];
      if (!earlier || earlier.bodyText !== record.bodyText) continue;
      const failed = earlier.status !== 200 || earlier.closedByClient || earlier.faults.length > 0;
      if (at !== record.index - 1 && !failed) return;
      record.attempt = earlier.attempt + 1;
      this.#lintHaste(record, earlier);
      return;
    }
  }

  /** Books findings on a request. */
  lint(record: OpenRecord, findings: readonly Finding[]): void {
    const lints = findings.map((finding) => ({ ...finding, request: record.index }));
    record.lints = [...record.lints, ...lints];
    this.lints.push(...lints);
  }

  /** Closes a record: it is logged and told. */
  close(record: OpenRecord): void {
    record.endedAt = Date.now();
    this.#log?.append(record);
    this.#options.onRequest?.(record);
    this.#dropBody(record.index - (this.#options.keepBodies ?? Infinity));
  }

  #dropBody(index: number): void {
    const old: OpenRecord | undefined = this.requests[index];
    if (!old || old.endedAt === undefined) return;
    old.bodyText = '';
    old.body = undefined;
  }

  #lintHaste(record: OpenRecord, earlier: RecordedRequest): void {
    const { retryAfterMs, endedAt = record.arrivedAt } = earlier;
    if (retryAfterMs === undefined) return;
    const waitedMs = record.arrivedAt - endedAt;
    // Timers and clocks are a few ms apart.
    if (waitedMs >= retryAfterMs - 20) return;
    const message = `Asked again after ${waitedMs} ms, though Retry-After was ${retryAfterMs} ms.`;
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

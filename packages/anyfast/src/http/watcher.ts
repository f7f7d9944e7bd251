import { requestIdOf } from '../error/error-body.ts';
import type { ReceivedResponse, SentRequest } from '../options/options.ts';
import type { Outgoing, Received } from '../wire/exchange.ts';

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
/** Writes requests and responses as lines a person can read: to stderr, or to a function that takes lines. */
export function debugWriter(debug: true | ((line: string) => void)) {
  const write = debug === true ? toStderr : debug;
  return {
    onRequest: (request: SentRequest) => write(requestLines(request)),
    onResponse: (response: ReceivedResponse) => write(responseLines(response)),
  };
}
function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
function requestLines({ attempt, method, url, body }: SentRequest): string {
  const again = attempt === 1 ? '' : `  (attempt ${attempt})`;
  return `→ ${method} ${url}${again}${indent(readable(body))}`;
}
function responseLines({ status, durationMs, requestId, body }: ReceivedResponse): string {
  const id = requestId === undefined ? '' : `  request id ${requestId}`;
  return `← ${status} in ${Math.round(durationMs)} ms${id}${indent(readable(body))}`;
}
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), shorten, 2);
  } catch {
    return body.trimEnd();
  }
}
/** Pictures and videos would fill the screen. */
function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('data:') || value.length < 200) return value;
  return `${value.slice(0, 60)}… (${value.length} characters)`;
}
function indent(text: string): string {
  return text === '' ? '' : `\n${text.replace(/^/gm, '  ')}`;
}

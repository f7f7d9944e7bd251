import { requestIdOf } from '../error/error-body.ts';
import type { ReceivedResponse, SentRequest } from '../options/options.ts';
import { keyFinder, strikeOut } from '../options/strike-out.ts';
import type { Secrecy } from '../options/strike-out.ts';
import { oneLine, visibleLines } from '../wire/foreign-text.ts';
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
  readonly #holdsKey: (text: string) => boolean;

  constructor({ onRequest, onResponse, debug = false }: Watching, secrecy: Secrecy) {
    const writer = debug === false ? undefined : debugWriter(debug);
    this.#onRequest = [onRequest, writer?.onRequest].filter((one) => one !== undefined);
    this.#onResponse = [onResponse, writer?.onResponse].filter((one) => one !== undefined);
    this.#redact = strikeOut(secrecy);
    this.#holdsKey = keyFinder(secrecy);
  }

  /** Whether bodies must be kept to be told. */
  get readsBodies(): boolean {
    return this.#onResponse.length > 0;
  }

  sent({ method, url, headers, body }: Outgoing, attempt: number): void {
    if (this.#onRequest.length === 0) return;
    const text = body === undefined ? '' : this.#redact(new TextDecoder().decode(body));
    const shown = this.#shown(Object.entries(headers));
    tell(this.#onRequest, { attempt, method, url: this.#redact(url), headers: shown, body: text });
  }

  received({ outgoing, attempt, head, startedAt }: Received, body: string): void {
    if (this.#onResponse.length === 0) return;
    const { status, headers } = head;
    const requestId = requestIdOf(headers);
    tell(this.#onResponse, {
      attempt,
      url: this.#redact(outgoing.url),
      status,
      headers: this.#shown(headers),
      body: this.#redact(this.#withoutPieces(body)),
      durationMs: performance.now() - startedAt,
      ...(requestId === undefined ? {} : { requestId: this.#redact(requestId) }),
    });
  }

  /** A key that a stream tells piece by piece stands whole in none of them, so all pieces of that field go. */
  #withoutPieces(body: string): string {
    const told = new Map<string, string>();
    for (const [, name = '', piece = ''] of body.matchAll(pieces)) {
      told.set(name, (told.get(name) ?? '') + piece);
    }
    const telling = new Set([...told].flatMap(([name, all]) => (this.#holdsKey(all) ? name : [])));
    if (telling.size === 0) return body;
    return body.replace(pieces, (whole, name: string) =>
      telling.has(name) ? `"${name}":"[key]"` : whole,
    );
  }

  #shown(headers: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
    return Object.fromEntries(Array.from(headers, ([name, value]) => [name, this.#redact(value)]));
  }
}

/** The fields of JSON whose values are texts. */
const pieces = /"(\w{1,40})"\s{0,8}:\s{0,8}"((?:[^"\\]|\\.)*)"/g;

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
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  if (process?.stderr !== undefined) process.stderr.write(`${line}\n`);
  // oxlint-disable-next-line no-console -- `debug: true` asks for it, and a browser has nothing else
  else console.error(line);
}
function requestLines({ attempt, method, url, body }: SentRequest): string {
  const again = attempt === 1 ? '' : `  (attempt ${attempt})`;
  return `→ ${method} ${url}${again}${indent(readable(body))}`;
}
function responseLines({ status, durationMs, requestId, body }: ReceivedResponse): string {
  const id = requestId === undefined ? '' : `  request id ${oneLine(requestId, 200)}`;
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
  return text === '' ? '' : `\n${visibleLines(text).replace(/^/gm, '  ')}`;
}

import type { Asked } from './asked.ts';
import type { Piece, PlatformError, RecordedEnd, RecordedExchange } from './exchange.ts';
import { strike, strikeStream } from './strike.ts';
import type { Unwanted } from './strike.ts';

/** What asks the endpoint. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Asks the endpoint and hands its response on as it comes, piece by piece. `keep` gets the exchange before the reader sees its end, so a
 * program that has read an answer has recorded it. The reader gets what came; what is kept is without what is unwanted.
 */
export async function record(
  asked: Asked,
  fetch: Fetch,
  keep: (exchange: RecordedExchange) => void,
): Promise<Response> {
  const recording = new Recording(asked, keep);
  let live: Response;
  try {
    live = await fetch(asked.url, asked.init);
  } catch (error) {
    recording.failed(error);
    throw error;
  }
  recording.begins(live);
  if (live.body !== null) return withBody(live, passedOn(live.body, recording));
  recording.ends('whole');
  return live;
}

function withBody({ status, statusText, headers }: Response, body: ReadableStream): Response {
  return new Response(body, { status, statusText, headers });
}

/** The same pieces, read when they are asked for. */
function passedOn(body: ReadableStream<Uint8Array>, recording: Recording): ReadableStream {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await reader.read().catch((error: unknown) => {
          recording.failed(error);
          throw error;
        });
        if (piece.value === undefined) {
          recording.ends('whole');
          controller.close();
          return;
        }
        recording.hears(piece.value);
        controller.enqueue(piece.value);
      },
      async cancel(reason) {
        recording.ends('left');
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What of a response's head is kept: what a client reads. No other header, and no header of a request, is ever written. */
const keptHeaders = [
  'content-type',
  'retry-after',
  'retry-after-ms',
  'x-ms-retry-after-ms',
  'x-oneapi-request-id',
  'x-request-id',
  'msh-request-id',
  'x-msh-trace-id',
  'x-trace-id',
];

/** One exchange, while it goes on. */
class Recording {
  readonly #asked: Asked;
  readonly #keep: (exchange: RecordedExchange) => void;
  readonly #startedAt = performance.now();
  readonly #pieces: Piece[] = [];
  #response: RecordedExchange['response'];
  #over = false;

  constructor(asked: Asked, keep: (exchange: RecordedExchange) => void) {
    this.#asked = asked;
    this.#keep = keep;
  }

  begins({ status, headers }: Response): void {
    const kept = keptHeaders.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, strike(value, this.#asked.unwanted)] as const];
    });
    this.#response = { status, headers: Object.fromEntries(kept), atMs: this.#ms() };
  }

  hears(piece: Uint8Array): void {
    this.#pieces.push({ bytes: piece.slice(), atMs: this.#ms() });
  }

  failed(error: unknown): void {
    const { signal, unwanted } = this.#asked;
    if (signal.aborted) this.ends('left');
    else this.ends('broken', platformError(error, unwanted));
  }

  ends(how: RecordedEnd['how'], error?: PlatformError): void {
    // A read that is under way when the reader leaves ends after that.
    if (this.#over) return;
    this.#over = true;
    const response = this.#response;
    // A reader need not wait for the end of a stream that has said that it is done.
    const really = how === 'left' && /\[DONE\]\s*$/.test(textOf(this.#pieces)) ? 'whole' : how;
    this.#keep({
      request: this.#asked.request,
      ...(response === undefined ? {} : { response }),
      pieces: withoutUnwanted(this.#pieces, this.#asked.unwanted),
      end: { how: really, atMs: this.#ms(), ...(error === undefined ? {} : { error }) },
    });
  }

  #ms(): number {
    return Math.round(performance.now() - this.#startedAt);
  }
}

function platformError(error: unknown, unwanted: Unwanted, depth = 0): PlatformError {
  if (!(error instanceof Error)) return { name: 'Error', message: strike(String(error), unwanted) };
  const { name, message, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const causes = cause instanceof Error && depth < 4;
  return {
    name,
    message: strike(message, unwanted),
    ...(code === undefined ? {} : { code }),
    ...(causes ? { cause: platformError(cause, unwanted, depth + 1) } : {}),
  };
}

/** Of the same length each. */
function withoutUnwanted(pieces: readonly Piece[], unwanted: Unwanted): readonly Piece[] {
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const text = whole.toString();
  const encoding = Buffer.from(text).equals(whole) ? 'utf8' : 'latin1';
  const clean = Buffer.from(strikeStream(whole.toString(encoding), unwanted, encoding), encoding);
  let at = 0;
  return pieces.map(({ bytes, atMs }) => ({
    bytes: clean.subarray(at, (at += bytes.length)),
    atMs,
  }));
}

function textOf(pieces: readonly Piece[]): string {
  return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString('latin1');
}

import { setImmediate, setTimeout } from 'node:timers/promises';
import type { PlatformError, RecordedExchange } from './exchange.ts';
import { trouble } from './trouble.ts';

/**
 * How long a reader that stopped reading in the recording may go on waiting in the replay, beyond what it waited then, in
 * milliseconds. Nothing is known of what would have come.
 */
const patienceMs = 5_000;

/** Plays a recorded exchange: the recorded bytes in the recorded pieces, at once or (`speed: 1`) at the recorded times. */
export async function replay(
  { request, response, pieces, end }: RecordedExchange,
  { signal, speed }: { readonly signal: AbortSignal; readonly speed: 0 | 1 },
): Promise<Response> {
  signal.throwIfAborted();
  const startedAt = performance.now();
  const until = async (atMs: number): Promise<void> => {
    const waitMs = speed === 0 ? 0 : startedAt + atMs - performance.now();
    // A moment at least, so that each piece is read by itself, as from a socket.
    await orAborted(signal, (inner) =>
      waitMs > 0
        ? setTimeout(waitMs, undefined, { signal: inner })
        : setImmediate(undefined, { signal: inner }),
    );
  };
  const over = async (): Promise<void> => {
    await until(end.atMs);
    if (end.how === 'broken') throw platformError(end.error);
    if (end.how === 'whole') return;
    const ms = end.atMs + patienceMs;
    await orAborted(signal, (inner) => setTimeout(ms, undefined, { signal: inner }));
    throw trouble(
      `The reader of ${request.method} ${request.path} stopped reading here in the recording, and waits for more in the replay. ` +
        `Nothing more was recorded; it waited for ${ms} ms.`,
    );
  };
  if (response === undefined) {
    await over();
    throw trouble(`The recording of ${request.method} ${request.path} has no response.`);
  }
  await until(response.atMs);
  const { status, headers } = response;
  if (pieces.length === 0 && end.how === 'whole') return new Response(null, { status, headers });
  const left = pieces.values();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value: piece } = left.next();
        if (piece === undefined) {
          await over();
          controller.close();
          return;
        }
        await until(piece.atMs);
        controller.enqueue(new Uint8Array(piece.bytes));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status, headers });
}

/** Rejects with the signal's own reason as soon as it aborts. */
async function orAborted(
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  try {
    await wait(signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function platformError(recorded: PlatformError | undefined): Error {
  const { name, message, code, cause } = recorded ?? { name: 'Error', message: 'terminated' };
  const options = cause === undefined ? {} : { cause: platformError(cause) };
  const error =
    name === 'TypeError' ? new TypeError(message, options) : new Error(message, options);
  return Object.assign(
    error,
    name === error.name ? {} : { name },
    code === undefined ? {} : { code },
  );
}

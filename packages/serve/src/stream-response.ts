import type { RunReader, Told } from './run-reader.ts';

/** How a protocol writes a run. Each method gives text as it goes over the wire; an empty one writes nothing. */
export interface Wire {
  begin(): string;
  take(told: Told): string;
  end(): string;
}

export interface StreamOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly keepAliveMs: number;
  /** Aborted when the client leaves, where the runtime says so. */
  readonly signal?: AbortSignal;
}

/** What waits for the network at most, beside one event. */
const roomBytes = 16_384;
/** A reader that takes nothing for so many keep-alives is gone, whatever its connection says. */
const patience = 4;

/**
 * A response that streams what `reader` is told, as server-sent events. It takes the next event only where there is room for it, keeps the
 * connection alive with comments, and leaves the run when the client cancels, when `signal` is aborted, or when the client stalls.
 */
export function streamResponse(reader: RunReader, wire: Wire, options: StreamOptions): Response {
  const { signal, keepAliveMs } = options;
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval> | undefined;
  let stalled = 0;
  let gone = false;
  let ended = false;
  /** What is left of the event that is being sent. */
  let rest = new Uint8Array();
  const over = () => {
    clearInterval(timer);
    signal?.removeEventListener('abort', leave);
  };
  const leave = () => {
    over();
    reader.leave();
  };
  const cancel = () => {
    gone = true; // what is told from now on has nowhere to go
    leave();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const first = wire.begin();
        if (first !== '') controller.enqueue(encoder.encode(first));
        timer = setInterval(() => {
          const hasRoom = (controller.desiredSize ?? 0) > 0;
          if (hasRoom && rest.length === 0) controller.enqueue(keepAlive);
          if (hasRoom || ++stalled < patience) return;
          cancel();
          controller.error(
            new DOMException('The reader took nothing for too long.', 'TimeoutError'),
          );
        }, keepAliveMs);
        signal?.addEventListener('abort', leave, { once: true });
        if (signal?.aborted === true) leave();
      },
      async pull(controller) {
        stalled = 0;
        while (rest.length === 0 && !ended) {
          const told = await reader.next();
          if (gone) return;
          ended = told === undefined;
          rest = encoder.encode(told === undefined ? wire.end() : wire.take(told));
        }
        // A large event goes in pieces, so that a slow client is seen to take it.
        if (rest.length > 0) controller.enqueue(rest.subarray(0, roomBytes));
        rest = rest.subarray(roomBytes);
        if (!ended || rest.length > 0) return;
        over();
        controller.close();
      },
      cancel,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: roomBytes }),
  );
  return new Response(body, { headers: { ...streamHeaders, ...options.headers } });
}

const keepAlive = new TextEncoder().encode(': \n\n');

export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no', // nginx sends it on at once
  'x-content-type-options': 'nosniff',
};

import type { Fault, Situation } from '../fault/fault.ts';
import { toCompletion } from '../wire/completion.ts';
import { encodeFrame, toFrames, type Frame, type Head, type Wire } from '../wire/frame.ts';
import { completionId } from '../wire/request-id.ts';
import type { Exchange } from './exchange.ts';

/** How an answer is sent: what goes wrong, and how fast. */
export interface Sending {
  readonly faults: readonly Fault[];
  readonly pieceDelayMs: number;
  readonly callDelayMs: number | undefined;
}

/**
 * Sends an answer as a stream or whole, as the request asks, with its faults. This folder owns one request and its
 * response on the socket; what is answered is decided before it.
 */
export async function sendAnswer(
  exchange: Exchange,
  situation: Situation,
  sending: Sending,
): Promise<void> {
  const { faults } = sending;
  const instead = faults.find((fault) => fault.instead)?.instead;
  if (instead) return exchange.sendBody(instead.type, instead.text);
  const created = Math.floor(exchange.record.arrivedAt / 1000);
  const head: Head = {
    id: completionId(exchange.record.index + 1, created),
    created,
    model: situation.request.model,
  };
  const streamed = (situation.request.stream === true) !== faults.some((fault) => fault.otherForm);
  return streamed
    ? sendStream(exchange, situation, sending, head)
    : sendWhole(exchange, situation, sending, head);
}

async function sendStream(
  exchange: Exchange,
  situation: Situation,
  { faults, pieceDelayMs, callDelayMs }: Sending,
  head: Head,
): Promise<void> {
  const includeUsage = situation.request.stream_options?.include_usage === true;
  let frames = toFrames(situation.answer, { includeUsage, callDelayMs });
  let wire: Wire = { newline: '\n', space: true, multiline: false, concatenated: false };
  let cutBytes: number | undefined;
  for (const fault of faults) {
    frames = fault.frames?.(frames, situation) ?? frames;
    wire = { ...wire, ...fault.wire };
    cutBytes = fault.cutBytes ?? cutBytes;
  }
  exchange.start({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  const writer = exchange.writer({ pieceDelayMs, cutBytes });
  const joint = wire.concatenated ? findJoint(frames) : -1;
  for (const [at, frame] of frames.entries()) {
    let text = encodeFrame(frame, head, wire);
    // What got lost on the way is the end of the one line and the beginning of the next.
    if (at === joint) text = text.trimEnd();
    if (at === joint + 1 && joint >= 0) text = text.slice(text.indexOf('{'));
    if (text !== '') await writer.write(text, frame.pauseMs);
    if (!endsHere(frame)) continue;
    await writer.drain();
    if (frame.part === 'stall') await exchange.stall();
    return frame.part === 'reset' ? exchange.reset() : exchange.destroy();
  }
  await writer.end();
}

/** The frame nearest behind the middle that can be joined with the next. */
function findJoint(frames: readonly Frame[]): number {
  const middle = Math.floor(frames.length / 2);
  const fits = (at: number): boolean => {
    const [one, two] = [frames[at], frames[at + 1]];
    return one !== undefined && two !== undefined && 'chunk' in one && 'chunk' in two;
  };
  const places = frames.map((_, at) => at).filter(fits);
  return places.find((at) => at >= middle) ?? places.at(-1) ?? -1;
}

function endsHere(frame: Frame): boolean {
  return frame.part === 'cut' || frame.part === 'reset' || frame.part === 'stall';
}

async function sendWhole(
  exchange: Exchange,
  situation: Situation,
  { faults }: Sending,
  head: Head,
): Promise<void> {
  let completion = toCompletion(situation.answer, head);
  let cutBytes: number | undefined;
  for (const fault of faults) {
    completion = fault.completion?.(completion, situation) ?? completion;
    cutBytes = fault.cutBytes ?? cutBytes;
  }
  const text = JSON.stringify(completion);
  const truncate = faults.find((fault) => fault.truncate)?.truncate;
  exchange.start({
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  const writer = exchange.writer({ pieceDelayMs: 0, cutBytes });
  await writer.write(truncate ? truncate(text) : text);
  if (!truncate) return writer.end();
  await writer.drain();
  exchange.destroy();
}

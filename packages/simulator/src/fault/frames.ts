import type { Frame } from '../wire/frame.ts';
import { faultList, type Fault } from './fault.ts';
import type { Source } from './source.ts';

const overloaded =
  '{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}';

/** Streams whose frames or bytes are not as they should be. */
export const frameFaults = faultList([
  {
    ...shape(
      'swallow-finish',
      'gateway-stream',
      'Without include_usage the gateway keeps the finishing chunk to itself.',
      (frames) => frames.filter(({ part }) => part !== 'finish'),
    ),
    needs: ['stream', 'no include_usage'],
    doubtful: true,
  },
  {
    ...shape(
      'error-in-stream',
      'chunks',
      'An error object comes inside the stream, after half of the answer.',
      (frames) => [...firstHalf(frames), { part: 'raw', text: `data: ${overloaded}\n\n` }],
    ),
    fatal: true,
  },
  {
    ...shape(
      'error-in-stream-with-done',
      'chunks',
      'An error object comes inside the stream, then [DONE].',
      (frames) => [
        ...firstHalf(frames),
        { part: 'raw', text: `data: ${overloaded}\n\n` },
        { part: 'done' },
      ],
    ),
    fatal: true,
  },
  {
    ...shape('error-first', 'chunks', 'The stream is nothing but an error object.', () => [
      { part: 'raw', text: `data: ${overloaded}\n\n` },
      { part: 'done' },
    ]),
    fatal: true,
  },
  {
    ...shape(
      'error-after-keep-alives',
      'gateway-stream',
      'Keep-alive comments come, then an error as JSON without data: before it.',
      () => [{ part: 'ping' }, { part: 'ping' }, { part: 'raw', text: overloaded }],
    ),
    fatal: true,
  },
  {
    ...shape(
      'error-line',
      'gateway-stream',
      'The stream is a line error: with an error behind it.',
      () => [{ part: 'ping' }, { part: 'raw', text: `error: ${overloaded}\n\n` }],
    ),
    fatal: true,
  },
  {
    ...shape('error-event', 'gateway-stream', 'The stream is an event of the type error.', () => [
      { part: 'raw', text: 'event: error\ndata: {"message":"Engine is overloaded"}\n\n' },
    ]),
    fatal: true,
  },
  shape(
    'error-empty',
    'gateway-stream',
    'Every chunk has an empty error beside its choices.',
    (frames) =>
      frames.map((frame) =>
        'chunk' in frame ? { ...frame, chunk: { ...frame.chunk, error: {} } } : frame,
      ),
  ),
  {
    ...shape('stream-empty', 'empty-answer', 'The stream is nothing but [DONE].', () => [
      { part: 'done' },
    ]),
    fatal: true,
  },
  {
    ...shape('no-done', 'stream', 'The stream ends without [DONE].', (frames) =>
      frames.filter(({ part }) => part !== 'done'),
    ),
    doubtful: true,
  },
  shape(
    'keep-alives',
    'gateway-stream',
    'A keep-alive comment stands between all chunks.',
    (frames) => frames.flatMap((frame): readonly Frame[] => [{ part: 'ping' }, frame]),
  ),
  {
    ...shape(
      'frames-corrupt',
      'corrupt-frames',
      'A frame whose JSON is broken stands between the others.',
      (frames) =>
        amid(frames, [{ part: 'raw', text: 'data: {"id":"chatcmpl-broken","choices":[{"ind\n\n' }]),
    ),
    doubtful: true,
  },
  {
    ...shape(
      'frames-not-json',
      'gateway-stream',
      'A data line that is no JSON stands between the others.',
      (frames) => amid(frames, [{ part: 'raw', text: 'data: upstream connected\n\n' }]),
    ),
    doubtful: true,
  },
  {
    ...shape(
      'frame-broken',
      'corrupt-frames',
      'One frame in the middle has lost the second half of its JSON.',
      breakOne,
    ),
    doubtful: true,
  },
  shape(
    'frames-unknown',
    'stream',
    'Events of other types and other fields stand between the others.',
    (frames) =>
      amid(frames, [
        { part: 'raw', text: 'event: status\nid: 7\nretry: 3000\ndata: {"ok":true}\n\n' },
      ]),
  ),
  shape(
    'choices-empty',
    'gateway-stream',
    'A chunk without choices and without usage stands between the others.',
    (frames) => amid(frames, [{ part: 'usage', chunk: { choices: [] } }]),
  ),
  {
    name: 'frames-concatenated',
    kind: 'wire',
    source: 'corrupt-frames',
    about: 'Two frames in the middle stand on one data line.',
    needs: ['stream'],
    doubtful: true,
    wire: { concatenated: true },
  },
  bytes('crlf', 'event-stream', 'Lines end with CR and LF.', { wire: { newline: '\r\n' } }),
  bytes('no-space', 'event-stream', 'There is no space after data: in every line.', {
    wire: { space: false },
  }),
  bytes('multi-line-data', 'stream', 'Every chunk is spread over two data lines.', {
    wire: { multiline: true },
  }),
  bytes('pieces-of-1-byte', 'event-stream', 'The body comes byte by byte, cut inside characters.', {
    cutBytes: 1,
  }),
  bytes('pieces-of-7-bytes', 'event-stream', 'The body comes in pieces of 7 bytes.', {
    cutBytes: 7,
  }),
  bytes('pieces-of-1000-bytes', 'event-stream', 'The body comes in pieces of 1,000 bytes.', {
    cutBytes: 1000,
  }),
  {
    name: 'json-for-stream',
    kind: 'wire',
    source: 'whole-answer',
    about: 'A stream was asked for, and a JSON body comes.',
    needs: ['stream'],
    otherForm: true,
  },
  {
    name: 'stream-for-json',
    kind: 'wire',
    source: 'stream',
    about: 'No stream was asked for, and one comes.',
    needs: ['whole'],
    otherForm: true,
  },
  {
    name: 'content-null',
    kind: 'stream',
    source: 'null-content',
    about: 'Where there is no text, content is null.',
    needs: ['no text'],
    frames: (frames) => roleContent(frames, { content: null }),
    answer: (answer) => ({ ...answer, text: null }),
  },
  {
    name: 'content-absent',
    kind: 'stream',
    source: 'null-content',
    about: 'Where there is no text, content is left out.',
    needs: ['no text'],
    frames: (frames) => roleContent(frames, {}),
    answer: (answer) => ({ ...answer, text: undefined }),
  },
]);

function shape<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  frames: (frames: readonly Frame[]) => readonly Frame[],
): Fault<Name> {
  return { name, kind: 'stream', source, about, needs: ['stream'], frames };
}

function bytes<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  how: Pick<Fault, 'wire' | 'cutBytes'>,
): Fault<Name> {
  const needs = how.wire ? (['stream'] as const) : [];
  return { name, kind: 'wire', source, about, needs, ...how };
}

function firstHalf(frames: readonly Frame[]): readonly Frame[] {
  const said = frames.filter(
    ({ part }) => part !== 'finish' && part !== 'usage' && part !== 'done',
  );
  return said.slice(0, Math.max(2, Math.ceil(said.length / 2)));
}

function amid(frames: readonly Frame[], more: readonly Frame[]): readonly Frame[] {
  const at = Math.min(frames.length - 1, Math.max(2, Math.floor(frames.length / 2)));
  return [...frames.slice(0, at), ...more, ...frames.slice(at)];
}

function breakOne(frames: readonly Frame[]): readonly Frame[] {
  const spoken = frames.filter((frame) => 'chunk' in frame);
  const victim = spoken[Math.floor(spoken.length / 2)];
  if (!victim || !('chunk' in victim)) return frames;
  const json = JSON.stringify(victim.chunk);
  const half = json.slice(0, Math.ceil(json.length / 2));
  return frames.map((frame) =>
    frame === victim ? { part: 'raw', text: `data: ${half}\n\n` } : frame,
  );
}

function roleContent(frames: readonly Frame[], content: object): readonly Frame[] {
  return frames.map((frame) => {
    if (frame.part !== 'role') return frame;
    const delta = { role: 'assistant', ...content };
    return { ...frame, chunk: { choices: [{ index: 0, delta, finish_reason: null }] } };
  });
}

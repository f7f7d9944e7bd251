import { toCompletion } from '../wire/completion.ts';
import {
  say,
  type CallDelta,
  type Choice,
  type Chunk,
  type ChunkFrame,
  type Delta,
  type Frame,
} from '../wire/frame.ts';
import { without } from '../wire/json.ts';
import { faultList, type Fault, type Need } from './fault.ts';
import type { Source } from './source.ts';

/** Streamed calls in the dialects of other hosts; what they say when put together is the same. */
export const deltaFaults = faultList([
  calls('index-missing', 'deltas', 'Deltas of calls have no index.', (delta) =>
    without(delta, 'index'),
  ),
  calls('index-zero', 'deltas', 'All calls have the index 0.', (delta) => ({
    ...delta,
    index: 0,
  })),
  calls(
    'name-in-pieces',
    'deltas',
    'The name of a call comes in two pieces, the second with its arguments.',
    (delta, { nth, opening }) => {
      const name = opening.function?.name ?? '';
      if (nth > 1) return delta;
      const piece = nth === 0 ? name.slice(0, 5) : name.slice(5);
      return { ...delta, function: { ...delta.function, name: piece } };
    },
    'arguments',
  ),
  {
    name: 'message-after-deltas',
    kind: 'stream',
    source: 'stream',
    about: 'The finishing chunk carries the whole message once more.',
    needs: ['stream'],
    frames: (frames, { answer }) =>
      mapFinish(frames, (choice) => ({
        ...choice,
        message: toCompletion(answer, { id: '', created: 0, model: '' }).choices[0]?.message,
      })),
  },
  {
    name: 'choice-in-between',
    kind: 'stream',
    source: 'whole-answer',
    about: 'Pieces of a second choice come between those of the first.',
    needs: ['stream', 'text'],
    frames: (frames) =>
      frames.flatMap((frame) =>
        frame.part === 'text'
          ? [frame, inChoice(1, { ...frame, chunk: say({ content: 'No. ' }) })]
          : [frame],
      ),
  },
  {
    name: 'calls-in-second-choice',
    kind: 'stream',
    source: 'whole-answer',
    about: 'The text stands in one choice, the calls in a second one.',
    needs: ['stream', 'calls', 'text'],
    frames: (frames) =>
      frames.map((frame) =>
        frame.part === 'call' || frame.part === 'arguments' ? inChoice(1, frame) : frame,
      ),
  },
  calls('id-mutates', 'deltas', 'Later deltas of a call have another id each.', (delta, { nth }) =>
    nth === 0 ? delta : { ...delta, id: `chatcmpl-tool-${nth}` },
  ),
  calls(
    'id-on-each-delta',
    'chunks',
    'Every delta of a call repeats its id.',
    (delta, { opening }) => ({ ...delta, id: opening.id ?? null }),
  ),
  calls(
    'id-late',
    'chunks',
    'The id of a call comes with its second delta.',
    (delta, { nth, opening }) => {
      const rest = without(delta, 'id');
      return nth === 1 ? { ...rest, id: opening.id ?? null } : rest;
    },
    'arguments',
  ),
  calls(
    'name-late',
    'deltas',
    'The name of a call comes with its last delta, after the arguments.',
    (delta, { last, opening }) => {
      const rest = without(delta.function ?? {}, 'name');
      const name = opening.function?.name;
      return { ...delta, function: last && name !== undefined ? { ...rest, name } : rest };
    },
    'arguments',
  ),
  calls(
    'name-repeated',
    'deltas',
    'Every delta of a call repeats its name.',
    (delta, { opening }) => ({
      ...delta,
      function: { ...delta.function, name: opening.function?.name ?? '' },
    }),
  ),
  calls(
    'nulls-in-calls',
    'chunks',
    'Later deltas of a call have id, type and name as null.',
    (delta, { nth }) =>
      nth === 0
        ? delta
        : { ...delta, id: null, type: null, function: { ...delta.function, name: null } },
  ),
  calls(
    'name-empty-later',
    'chunks',
    'Later deltas of a call have an empty name.',
    (delta, { nth }) =>
      nth === 0 ? delta : { ...delta, function: { ...delta.function, name: '' } },
  ),
  calls(
    'arguments-null-delta',
    'chunks',
    'The first delta of a call has its arguments as null.',
    (delta, { nth }) =>
      nth === 0 ? { ...delta, function: { ...delta.function, arguments: null } } : delta,
    'arguments',
  ),
  shape(
    'calls-interleaved',
    'chunks',
    'Argument deltas of several calls come in turn.',
    interleave,
    'two calls',
  ),
  shape('calls-in-one-chunk', 'chunks', 'Each call comes whole, in one chunk.', joinCalls, 'calls'),
  shape(
    'finish-with-last-delta',
    'chunks',
    'The finishing chunk carries the last delta of the answer.',
    joinFinish,
  ),
  shape(
    'role-on-each-chunk',
    'chunks',
    'Every delta repeats the role and has a content.',
    (frames) => mapDeltas(frames, (delta) => ({ content: '', role: 'assistant', ...delta })),
  ),
  shape('nulls-in-deltas', 'chunks', 'Every delta has what it does not say as null.', (frames) =>
    mapDeltas(frames, (delta) => ({
      content: null,
      reasoning_content: null,
      role: 'assistant',
      tool_calls: null,
      ...delta,
    })),
  ),
]);

interface DeltaPlace {
  /** Which delta of its call it is, from 0. */
  readonly nth: number;
  readonly last: boolean;
  /** The first delta of the call, as it was. */
  readonly opening: CallDelta;
}

function calls<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  ...[change, need = 'calls']: readonly [(delta: CallDelta, place: DeltaPlace) => CallDelta, Need?]
): Fault<Name> {
  return shape(name, source, about, (frames) => mapCalls(frames, change), need);
}

function shape<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  ...[frames, need]: readonly [(frames: readonly Frame[]) => readonly Frame[], Need?]
): Fault<Name> {
  return {
    name,
    kind: 'stream',
    source,
    about,
    needs: need ? ['stream', need] : ['stream'],
    frames,
  };
}

function mapCalls(
  frames: readonly Frame[],
  change: (delta: CallDelta, place: DeltaPlace) => CallDelta,
): readonly Frame[] {
  let opening: CallDelta = {};
  let nth = 0;
  return frames.map((frame, at) => {
    if (frame.part !== 'call' && frame.part !== 'arguments') return frame;
    const delta = callOf(frame.chunk) ?? {};
    if (frame.part === 'call') {
      opening = delta;
      nth = 0;
    }
    const last = frames[at + 1]?.part !== 'arguments';
    const changed = change(delta, { nth, last, opening });
    nth += 1;
    return { ...frame, chunk: say({ tool_calls: [changed] }) };
  });
}

function callOf(chunk: Chunk): CallDelta | undefined {
  return chunk.choices[0]?.delta.tool_calls?.[0];
}

function mapFinish(
  frames: readonly Frame[],
  change: (choice: Choice) => Choice & { readonly message?: unknown },
): readonly Frame[] {
  return frames.map((frame) =>
    frame.part === 'finish'
      ? { ...frame, chunk: { ...frame.chunk, choices: frame.chunk.choices.map(change) } }
      : frame,
  );
}

function inChoice(index: number, frame: ChunkFrame): ChunkFrame {
  const choices = frame.chunk.choices.map((choice) => ({ ...choice, index }));
  return { ...frame, chunk: { ...frame.chunk, choices } };
}

function mapDeltas(frames: readonly Frame[], change: (delta: Delta) => Delta): readonly Frame[] {
  return frames.map((frame) => {
    if (!('chunk' in frame)) return frame;
    const choices = frame.chunk.choices.map((choice) => ({
      ...choice,
      delta: change(choice.delta),
    }));
    return { ...frame, chunk: { ...frame.chunk, choices } };
  });
}

function interleave(frames: readonly Frame[]): readonly Frame[] {
  const openings = frames.filter(({ part }) => part === 'call');
  const queues = new Map<number, Frame[]>();
  for (const frame of frames) {
    if (frame.part !== 'arguments') continue;
    const index = callOf(frame.chunk)?.index ?? 0;
    queues.set(index, [...(queues.get(index) ?? []), frame]);
  }
  const mixed: Frame[] = [];
  for (const lists = [...queues.values()]; lists.some((list) => list.length > 0);) {
    for (const list of lists) mixed.push(...list.splice(0, 1));
  }
  const start = frames.findIndex(({ part }) => part === 'call');
  const end = frames.findIndex(({ part }) => part === 'finish');
  return [...frames.slice(0, start), ...openings, ...mixed, ...frames.slice(end)];
}

function joinCalls(frames: readonly Frame[]): readonly Frame[] {
  const joined: Frame[] = [];
  for (const frame of frames) {
    const before = joined.at(-1);
    if (frame.part !== 'arguments' || before?.part !== 'call') {
      joined.push(frame);
      continue;
    }
    const call = callOf(before.chunk) ?? {};
    const piece = String(callOf(frame.chunk)?.function?.arguments ?? '');
    const whole = { ...call.function, arguments: String(call.function?.arguments ?? '') + piece };
    const chunk = say({ tool_calls: [{ ...call, function: whole }] });
    joined[joined.length - 1] = { ...before, chunk };
  }
  return joined;
}

function joinFinish(frames: readonly Frame[]): readonly Frame[] {
  const at = frames.findIndex(({ part }) => part === 'finish');
  const finish = frames[at];
  const last = frames[at - 1];
  if (finish?.part !== 'finish' || !last || !('chunk' in last)) return frames;
  const delta = last.chunk.choices[0]?.delta ?? {};
  const choices = finish.chunk.choices.map((choice) => ({ ...choice, delta }));
  const joined: Frame = { part: 'finish', chunk: { ...finish.chunk, choices } };
  return [...frames.slice(0, at - 1), joined, ...frames.slice(at + 1)];
}

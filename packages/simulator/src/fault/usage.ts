import { makeUsage, type Usage } from '../wire/answer.ts';
import type { Chunk, ChunkFrame, Frame } from '../wire/frame.ts';
import { without } from '../wire/json.ts';
import { faultList, type Fault } from './fault.ts';
import type { Source } from './source.ts';

/** Usage in other places than the endpoint's own, in other words, or nowhere. */
export const usageFaults = faultList([
  {
    name: 'usage-none',
    kind: 'stream',
    source: 'stream',
    about: 'There is no usage anywhere.',
    frames: (frames) => bare(frames).filter(({ part }) => part !== 'usage'),
    completion: (completion) => without(completion, 'usage'),
  },
  placed(
    'usage-top-level',
    'stream',
    'Usage stands beside choices in the finishing chunk, and nowhere else.',
    (frames) =>
      bare(frames)
        .filter(({ part }) => part !== 'usage')
        .map((frame) => (frame.part === 'finish' ? withUsage(frame, usageOf(frames)) : frame)),
  ),
  placed(
    'usage-in-choice-only',
    'stream',
    'Usage is inside the finishing choice only, also with include_usage.',
    (frames) => frames.filter(({ part }) => part !== 'usage'),
  ),
  placed('usage-trailing-only', 'gateway-stream', 'Usage is in the trailing chunk only.', bare),
  placed('usage-on-each-chunk', 'chunks', 'Every chunk carries the usage so far.', (frames) => {
    const usage = usageOf(frames);
    const chunks = frames.filter((frame) => 'chunk' in frame).length;
    let nth = 0;
    return bare(frames).map((frame) => {
      if (!('chunk' in frame)) return frame;
      nth += 1;
      const completion = Math.floor((usage.completion_tokens * nth) / chunks);
      return withUsage(frame, frame.part === 'finish' ? usage : partial(usage, completion));
    });
  }),
  placed('usage-null', 'chunks', 'Every chunk but the last has usage as null.', (frames) =>
    frames.map((frame) => {
      if (!('chunk' in frame) || frame.part === 'usage') return frame;
      // The wire's null is no number, so it goes around the type of what is right.
      const chunk = { ...frame.chunk, usage: null } as unknown as Chunk;
      return { ...frame, chunk };
    }),
  ),
  placed(
    'usage-estimated',
    'gateway-stream',
    'The trailing chunk has an estimate that differs from the usage in the choice.',
    (frames) =>
      frames.map((frame) => {
        if (frame.part !== 'usage') return frame;
        const { prompt_tokens: prompt, completion_tokens: completion } = usageOf(frames);
        const guess = { prompt: prompt + 17, completion: completion + 5, cached: 0, reasoning: 0 };
        return { ...frame, chunk: { choices: [], usage: makeUsage(guess) } };
      }),
  ),
  cached('usage-cached-top-only', 'Cached tokens are beside the other counts only.', (usage) =>
    without(usage, 'prompt_tokens_details'),
  ),
  cached('usage-cached-details-only', 'Cached tokens are in prompt_tokens_details only.', (usage) =>
    without(usage, 'cached_tokens'),
  ),
]);

function placed<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  frames: (frames: readonly Frame[]) => readonly Frame[],
): Fault<Name> {
  return { name, kind: 'stream', source, about, needs: ['stream'], frames };
}

function cached<const Name extends string>(
  name: Name,
  about: string,
  change: (usage: Usage) => Usage,
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source: 'whole-answer',
    about,
    echo: true,
    answer: (answer) => ({ ...answer, usage: change(answer.usage) }),
  };
}

function bare(frames: readonly Frame[]): readonly Frame[] {
  return frames.map((frame) => {
    if (frame.part !== 'finish') return frame;
    const choices = frame.chunk.choices.map((choice) => without(choice, 'usage'));
    return { ...frame, chunk: { choices } };
  });
}

function withUsage(frame: ChunkFrame, usage: Usage): Frame {
  return { ...frame, chunk: { ...frame.chunk, usage } };
}

function usageOf(frames: readonly Frame[]): Usage {
  for (const frame of frames) {
    const usage = frame.part === 'finish' ? frame.chunk.choices[0]?.usage : undefined;
    if (usage) return usage;
  }
  return makeUsage({ prompt: 0, completion: 0, cached: 0, reasoning: 0 });
}

function partial(usage: Usage, completion: number): Usage {
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return makeUsage({
    prompt: usage.prompt_tokens,
    completion,
    cached: usage.cached_tokens ?? 0,
    reasoning: Math.min(reasoning, completion),
  });
}

import type { Answer } from '../wire/answer.ts';
import { say, type ChunkFrame, type Frame } from '../wire/frame.ts';
import { faultList, type Fault } from './fault.ts';

/** Reasoning in another place or under another name. */
export const reasoningFaults = faultList([
  keyed('reasoning-key', 'The reasoning is called reasoning.', 'reasoning'),
  keyed(
    'reasoning-details',
    'The reasoning is a list called reasoning_details.',
    'reasoning_details',
  ),
  keyed('reasoning-text', 'The reasoning is called reasoning_text.', 'reasoning_text'),
  keyed('reasoning-object', 'The reasoning is an object.', 'reasoning object'),
  {
    ...keyed(
      'reasoning-part',
      'The reasoning is a part of the content, of the type thinking.',
      'thinking part',
    ),
    kind: 'stream',
    needs: ['stream', 'reasoning'],
  },
  {
    name: 'think-in-content',
    kind: 'answer',
    source: 'think-tags',
    about: 'The reasoning stands in the text between <think> and </think>.',
    needs: ['reasoning'],
    answer: (answer) => ({
      ...answer,
      reasoning: '',
      text: `<think>\n${answer.reasoning}\n</think>\n${answer.text ?? ''}`,
    }),
  },
  {
    name: 'stray-think-close',
    kind: 'answer',
    source: 'think-tags',
    about: 'The text begins with reasoning and a </think> that nothing opened.',
    needs: ['reasoning'],
    answer: (answer) => ({
      ...answer,
      reasoning: '',
      text: `${answer.reasoning}</think>${answer.text ?? ''}`,
    }),
  },
  {
    name: 'stray-think-close-alone',
    kind: 'answer',
    source: 'think-tags',
    about: 'The reasoning is where it belongs, and the text begins with a </think>.',
    needs: ['reasoning'],
    answer: (answer) => ({ ...answer, text: `</think>${answer.text ?? ''}` }),
  },
  {
    name: 'reasoning-in-role-chunk',
    kind: 'stream',
    source: 'stream',
    about: 'The first reasoning shares the chunk of the role.',
    needs: ['stream', 'reasoning'],
    frames: joinRole,
  },
  {
    name: 'reasoning-interleaved',
    kind: 'stream',
    source: 'stream',
    about: 'Chunks of reasoning come between those of the text.',
    needs: ['stream', 'reasoning', 'text'],
    frames: interleave,
  },
]);

function keyed<const Name extends string>(
  name: Name,
  about: string,
  reasoningKey: Answer['reasoningKey'],
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source: 'reasoning-key',
    about,
    needs: ['reasoning'],
    answer: (answer) => ({ ...answer, reasoningKey }),
  };
}

function joinRole(frames: readonly Frame[]): readonly Frame[] {
  const first = frames.find((frame): frame is ChunkFrame => frame.part === 'reasoning');
  if (!first) return frames;
  const delta = { role: 'assistant', ...first.chunk.choices[0]?.delta };
  const rest = frames.filter((frame) => frame !== first && frame.part !== 'role');
  return [{ part: 'role', chunk: say(delta) }, ...rest];
}

function interleave(frames: readonly Frame[]): readonly Frame[] {
  const thoughts: readonly Frame[] = frames.filter(({ part }) => part === 'reasoning');
  const late = thoughts.slice(Math.floor(thoughts.length / 2));
  const mixed: Frame[] = [];
  for (const frame of frames) {
    if (late.includes(frame)) continue;
    mixed.push(frame);
    if (frame.part !== 'text') continue;
    const thought = late.shift();
    if (thought) mixed.push(thought);
  }
  const end = mixed.findIndex(({ part }) => part === 'call' || part === 'finish');
  mixed.splice(end, 0, ...late);
  return mixed;
}

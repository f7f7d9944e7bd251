import type { Reply } from './endpoint-client.ts';
import { judged, refusal, verdict } from './probe.ts';
import type { Probe, Verdict } from './probe.ts';
import { askNarrowing, fieldsOf } from './request-fields.ts';
import type { WireAnswer } from './wire-answer.ts';

export const say = (content: string) => ({ messages: [{ role: 'user', content }] });
const sayOk = { ...say('Say only: ok'), max_completion_tokens: 64 };

/** What an answer looks like: streamed, with thoughts, whole. */
export const answerProbes: readonly Probe[] = [
  {
    name: 'stream',
    need: 'must',
    usd: 0.0003,
    about: 'is an answer streamed to its end, and counted',
    docs: 'docs/endpoint.md#when-it-fails',
    async run(endpoint, learnt) {
      const question = { use: learnt.use, body: sayOk, thinks: false, streams: true };
      const { reply, way } = await askNarrowing(endpoint, question, [
        { omit: ['stream_options'] },
        { omit: ['thinking'] },
        { omit: ['stream_options', 'thinking'] },
      ]);
      const judge = (answer: WireAnswer): Verdict => {
        learnt.countsInStream = answer.usage !== undefined;
        const found = judgeStream(reply, answer);
        if (way === undefined || found.outcome === 'bad') return found;
        return verdict('odd', `It refuses ${way.omit?.join(' and ')}. Without: ${found.says}`, way);
      };
      return judged(reply, judge, { stream: false });
    },
  },
  {
    name: 'thinking',
    need: 'must',
    usd: 0.001,
    about: 'do thoughts come, and under which key',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use }) {
      const body = {
        ...say('What is 17 times 3? Answer with the number.'),
        max_completion_tokens: 600,
      };
      const question = { use, body, thinks: true, streams: true };
      const { reply, way } = await askNarrowing(endpoint, question, [
        { thinking: { type: 'enabled' } },
        { omit: ['thinking'] },
      ]);
      const judge = (answer: WireAnswer): Verdict => {
        const found = judgeThinking(answer);
        if (way === undefined) return found;
        const refused = way.omit === undefined ? "keep: 'all' of thinking" : 'the field thinking';
        const outcome = found.outcome === 'bad' ? 'bad' : 'odd';
        return verdict(outcome, `It refuses ${refused}. Without: ${found.says}`, way);
      };
      return judged(reply, judge, { thinking: { type: 'disabled' } });
    },
  },
  {
    name: 'thinking off',
    need: 'should',
    usd: 0.0003,
    about: 'can thinking be switched off',
    docs: 'docs/endpoint.md#thinking',
    async run(endpoint, { use }) {
      if (use.omit?.includes('thinking'))
        return verdict('odd', 'It takes no field thinking, so nothing can be switched.');
      const manner = { thinks: false, streams: false };
      const reply = await endpoint.chat({ ...sayOk, ...fieldsOf(use, manner) });
      return judged(reply, ({ reasoning }) =>
        reasoning === ''
          ? verdict('good', 'Without thinking no thoughts come.')
          : verdict('odd', 'Thoughts come although thinking is off.'),
      );
    },
  },
  {
    name: 'whole',
    need: 'should',
    usd: 0.0003,
    about: 'is an answer without a stream of the same form',
    docs: 'docs/endpoint.md',
    async run(endpoint, { use, countsInStream }) {
      const manner = { thinks: false, streams: false };
      const reply = await endpoint.chat({ ...sayOk, ...fieldsOf(use, manner) });
      return judged(reply, ({ text, finish, usage }) => {
        if (reply.json === undefined) return verdict('odd', 'It streams although stream is false.');
        if (text.trim() === '' || finish === undefined)
          return verdict('bad', 'The body holds no whole answer.');
        if (usage === undefined || countsInStream !== false)
          return verdict('good', 'It answers in one body.');
        return verdict('odd', 'It answers in one body, and counts tokens only there.', {
          stream: false,
        });
      });
    },
  },
  {
    name: 'temperature',
    need: 'may',
    usd: 0.0005,
    about: 'is a temperature refused with thinking on, as upstream refuses it',
    docs: 'docs/endpoint.md',
    async run(endpoint, { use }) {
      const manner = { thinks: true, streams: false };
      const body = { ...sayOk, temperature: 0.3, max_completion_tokens: 200 };
      const reply = await endpoint.chat({ ...body, ...fieldsOf(use, manner) });
      if (reply.status === 400)
        return verdict('good', 'It refuses the temperature, as Moonshot does.');
      return reply.status === 200
        ? verdict(
            'odd',
            'It takes a temperature that Moonshot refuses: it may run another model, or drop the field.',
          )
        : verdict('odd', refusal(reply));
    },
  },
];

const whole = { stream: false } as const;

function judgeStream(
  { frames, isDone, oddFrames, firstByteMs }: Reply,
  answer: WireAnswer,
): Verdict {
  if (frames.length === 0) return verdict('bad', 'It sends no frames for stream: true.', whole);
  const { text, finish, usage } = answer;
  if (text.trim() === '') return verdict('bad', 'The stream holds no text.', whole);
  if (finish === undefined)
    return verdict('bad', 'The stream never says why it ends: a half answer looks whole.', whole);
  const misses = [
    ...(isDone ? [] : ['no [DONE]']),
    ...(usage === undefined ? ['no usage: limits count an estimate'] : []),
    ...(oddFrames > 0 ? [`${oddFrames} frames that are no JSON`] : []),
  ];
  if (misses.length > 0) return verdict('odd', `It streams, with ${misses.join(', ')}.`);
  const after = Math.round(firstByteMs);
  return verdict('good', `It streams to the end; the first byte comes after ${after} ms.`);
}

function judgeThinking({ reasoningKey, text }: WireAnswer): Verdict {
  if (reasoningKey === 'reasoning_content')
    return verdict('good', 'Thoughts come as reasoning_content.');
  if (reasoningKey !== undefined)
    return verdict('odd', `Thoughts come as ${reasoningKey}; the transport sends them back so.`);
  return /<\/?think>/.test(text)
    ? verdict(
        'odd',
        'Thoughts come in the text, between <think> marks; the transport takes them out.',
      )
    : verdict('bad', 'No thoughts come although thinking is on: they cannot be sent back.');
}

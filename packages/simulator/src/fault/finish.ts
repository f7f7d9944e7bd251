import { makeUsage, type Answer } from '../wire/answer.ts';
import type { ChatRequest } from '../wire/chat-request.ts';
import { firstTokens } from '../wire/token.ts';
import { faultList, type Fault } from './fault.ts';
import type { Source } from './source.ts';

const rumination = 'Wait, let me think about this once more. ';

/** Answers that end in another way than they should, or are not there. */
export const finishFaults = faultList([
  ending('finish-stop-with-calls', 'The finish reason is stop although there are calls.', 'stop'),
  ending(
    'finish-unexpected-state',
    'The finish reason is unexpected_state, with calls.',
    'unexpected_state',
  ),
  ending(
    'finish-function-call',
    'The finish reason is function_call, with calls.',
    'function_call',
  ),
  ending('finish-null', 'The finish reason stays null, with calls.', null),
  ending('finish-missing', 'There is no finish reason, with calls.', undefined),
  failed('error'),
  failed('abort'),
  failed('network_error'),
  failed('insufficient_system_resource'),
  {
    name: 'finish-unknown-with-text',
    kind: 'answer',
    source: 'finish-reason',
    about: 'The finish reason is a word that nobody knows, without calls.',
    needs: ['text', 'no calls'],
    echo: true,
    doubtful: true,
    answer: (answer) => ({ ...answer, finishReason: 'blorp' }),
  },
  {
    name: 'finish-max-tokens',
    kind: 'answer',
    source: 'budget',
    about: 'The budget ends inside the arguments of the last call: finish reason max_tokens.',
    needs: ['arguments'],
    fatal: true,
    answer: (answer) => ({ ...answer, calls: cutLast(answer.calls), finishReason: 'max_tokens' }),
  },
  {
    name: 'finish-length-then-stop',
    kind: 'stream',
    source: 'budget',
    about: 'The budget ends before the arguments of a call, and a closing chunk says stop.',
    needs: ['stream', 'arguments'],
    fatal: true,
    answer: (answer) => ({
      ...answer,
      calls: answer.calls.slice(0, 1).map((call) => ({ ...call, arguments: '' })),
      finishReason: 'length',
    }),
    frames: (frames) => [
      ...frames.filter(({ part }) => part !== 'done'),
      {
        part: 'finish',
        chunk: { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      },
      { part: 'done' },
    ],
  },
  {
    name: 'finish-missing-with-text',
    kind: 'answer',
    source: 'finish-reason',
    about: 'There is no finish reason, and no calls.',
    needs: ['text', 'no calls'],
    echo: true,
    doubtful: true,
    answer: (answer) => ({ ...answer, finishReason: undefined }),
  },
  {
    name: 'finish-tool-calls-without-calls',
    kind: 'answer',
    source: 'finish-reason',
    about: 'The finish reason is tool_calls although there are none.',
    needs: ['text', 'no calls'],
    echo: true,
    doubtful: true,
    answer: (answer) => ({ ...answer, finishReason: 'tool_calls' }),
  },
  {
    name: 'finish-sensitive',
    kind: 'answer',
    source: 'whole-answer',
    about: 'The filter ends the text half-way: finish reason sensitive.',
    needs: ['text'],
    answer: (answer) => ({ ...half(answer), finishReason: 'sensitive' }),
  },
  {
    name: 'finish-content-filter',
    kind: 'answer',
    source: 'whole-answer',
    about: 'The filter ends the text half-way: finish reason content_filter.',
    needs: ['text'],
    answer: (answer) => ({ ...half(answer), finishReason: 'content_filter' }),
  },
  nothing(
    'budget-eaten',
    'budget',
    'Thinking eats the budget: no text, finish reason length.',
    (answer, request) => ({
      ...answer,
      reasoning: answer.reasoning || rumination,
      finishReason: 'length',
      usage: spent(answer, request.max_completion_tokens ?? answer.usage.completion_tokens),
    }),
  ),
  {
    name: 'length-in-arguments',
    kind: 'answer',
    source: 'budget',
    about: 'The budget ends inside the arguments of the last call: finish reason length.',
    needs: ['arguments'],
    fatal: true,
    answer: (answer) => ({ ...answer, calls: cutLast(answer.calls), finishReason: 'length' }),
  },
  {
    name: 'answer-in-reasoning',
    kind: 'answer',
    source: 'text-in-reasoning',
    about: 'All of the text is in the reasoning, and the text is empty.',
    needs: ['text', 'no calls'],
    fatal: true,
    answer: (answer) => ({ ...answer, reasoning: answer.reasoning + answer.text, text: '' }),
  },
  nothing(
    'endless-reasoning',
    'endless-reasoning',
    'The same thought over and over until the budget is spent.',
    (answer, request) => {
      const budget = request.max_completion_tokens ?? 32_768;
      const thought = firstTokens(rumination.repeat(Math.ceil(budget / 10)), budget);
      return {
        ...answer,
        reasoning: thought,
        finishReason: 'length',
        usage: spent(answer, budget),
      };
    },
  ),
  nothing(
    'empty-answer',
    'empty-answer',
    'Status 200, finish reason stop, and nothing said.',
    (answer) => ({ ...answer, reasoning: '' }),
  ),
  nothing(
    'think-only',
    'empty-answer',
    'Status 200, finish reason stop, and nothing but reasoning.',
    (answer) => ({
      ...answer,
      reasoning: answer.reasoning || rumination,
    }),
  ),
  {
    ...nothing(
      'empty-after-tool',
      'silent-after-result',
      'An empty answer after the result of a tool.',
      (answer) => ({ ...answer, reasoning: '' }),
    ),
    needs: ['tool result last'],
  },
]);

function ending<const Name extends string>(
  name: Name,
  about: string,
  finishReason: string | null | undefined,
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source: 'finish-reason',
    about,
    needs: ['calls'],
    echo: true,
    doubtful: true,
    answer: (answer) => ({ ...answer, finishReason }),
  };
}

function failed<const Word extends string>(word: Word): Fault<`finish-${Word}`> {
  return {
    name: `finish-${word}`,
    kind: 'answer',
    source: 'finish-reason',
    about: `The text ends half-way: finish reason ${word}.`,
    needs: ['text'],
    fatal: true,
    answer: (answer) => ({ ...half(answer), finishReason: word }),
  };
}

function half(answer: Answer): Answer {
  return { ...answer, text: answer.text?.slice(0, Math.ceil(answer.text.length / 2)), calls: [] };
}

function nothing<const Name extends string>(
  name: Name,
  source: Source,
  about: string,
  change: (answer: Answer, request: ChatRequest) => Answer,
): Fault<Name> {
  return {
    name,
    kind: 'answer',
    source,
    about,
    fatal: true,
    answer: (answer, { request }) => {
      const silent = { ...answer, text: '', calls: [], finishReason: 'stop' };
      return change(silent, request);
    },
  };
}

function spent({ usage }: Answer, completion: number): Answer['usage'] {
  const prompt = usage.prompt_tokens;
  return makeUsage({ prompt, completion, cached: usage.cached_tokens ?? 0, reasoning: completion });
}

function cutLast(calls: Answer['calls']): Answer['calls'] {
  const last = calls.at(-1);
  if (!last) return calls;
  const text = String(last.arguments);
  return [...calls.slice(0, -1), { ...last, arguments: text.slice(0, Math.ceil(text.length / 2)) }];
}

import type { Folded } from './ask.ts';
import { callDelta, frames } from './endpoint.ts';

/** A stream as some host sends it, and the one answer it means. */
export interface Dialect {
  readonly name: string;
  readonly stream: string;
  readonly means: Partial<Folded>;
}

const paris = { id: 'get_weather:0', name: 'get_weather', args: '{"city":"Paris"}' };
const oslo = { id: 'get_weather:1', name: 'get_weather', args: '{"city":"Oslo"}' };
const done = '[DONE]';
const calls = { finish_reason: 'tool_calls' };
const stop = { finish_reason: 'stop' };
const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const usageTold = { inputTokens: 10, outputTokens: 4, cachedTokens: 0, reasoningTokens: 0 };
const section = (...parts: string[]): string =>
  `<|tool_calls_section_begin|>${parts.join('')}<|tool_calls_section_end|>`;
const leaked = (id: string, args: string): string =>
  `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${args}<|tool_call_end|>`;
const letters = (text: string): Record<string, unknown>[] =>
  [...text].map((content) => ({ content }));

export const dialects: readonly Dialect[] = [
  {
    name: 'role and empty content on every delta',
    stream: frames(
      {
        role: 'assistant',
        content: '',
        ...callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '' }),
      },
      ...['{"', 'city', '":"Paris"}'].map((args) => ({
        role: 'assistant',
        content: '',
        ...callDelta(0, { arguments: args }),
      })),
      calls,
      done,
    ),
    means: { calls: [paris], finish: 'tool_calls', text: '', warnings: [] },
  },
  {
    name: 'nulls in every field, and usage on every chunk',
    stream: frames(
      {
        content: null,
        reasoning_content: null,
        usage,
        ...callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: null }),
      },
      {
        content: null,
        usage,
        tool_calls: [
          {
            index: 0,
            id: null,
            type: null,
            function: { name: null, arguments: '{"city":"Paris"}' },
          },
        ],
      },
      { ...calls, usage: { ...usage, completion_tokens: 9 } },
      done,
    ),
    means: { calls: [paris], finish: 'tool_calls', usage: expectUsage({ outputTokens: 9 }) },
  },
  {
    name: 'an id that changes in the middle of a call',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '' }),
      callDelta(0, { id: 'chatcmpl-tool-a', arguments: '{"city":' }),
      callDelta(0, { id: 'chatcmpl-tool-b', arguments: '"Paris"}' }),
      calls,
      done,
    ),
    means: { calls: [paris] },
  },
  {
    name: 'no ids at all',
    stream: frames(
      callDelta(0, { name: 'get_weather', arguments: '{"city":"Paris"}' }),
      callDelta(1, { id: '', name: 'get_weather', arguments: '{"city":"Oslo"}' }),
      calls,
      done,
    ),
    means: {
      calls: [
        { ...paris, id: 'functions.get_weather:0' },
        { ...oslo, id: 'functions.get_weather:1' },
      ],
    },
  },
  {
    name: 'the same id twice in one answer',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      callDelta(1, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Oslo"}' }),
      calls,
      done,
    ),
    means: { calls: [paris, { ...oslo, id: 'functions.get_weather:0' }] },
  },
  {
    name: 'arguments before the name, and the id last of all',
    stream: frames(
      callDelta(0, { arguments: '{"city":' }),
      callDelta(0, { name: 'get_weather', arguments: '"Paris"' }),
      callDelta(0, { id: 'get_weather:0', arguments: '}' }),
      calls,
      done,
    ),
    means: { calls: [paris] },
  },
  {
    name: 'a name said twice',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":' }),
      callDelta(0, { name: 'get_weather', arguments: '"Paris"}' }),
      calls,
      done,
    ),
    means: { calls: [paris] },
  },
  {
    name: 'no index',
    stream: frames(
      callDelta(undefined, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":' }),
      callDelta(undefined, { arguments: '"Paris"}' }),
      callDelta(undefined, {
        id: 'get_weather:1',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      }),
      calls,
      done,
    ),
    means: { calls: [paris, oslo] },
  },
  {
    name: 'no index and no id',
    stream: frames(
      callDelta(undefined, { name: 'get_weather', arguments: '{"city":"Paris"}' }),
      callDelta(undefined, { name: 'get_weather', arguments: '{"city":"Oslo"}' }),
      calls,
      done,
    ),
    means: {
      calls: [
        { ...paris, id: 'functions.get_weather:0' },
        { ...oslo, id: 'functions.get_weather:1' },
      ],
    },
  },
  {
    name: 'the index 0 for every call',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      callDelta(0, { id: 'get_weather:1', name: 'get_weather', arguments: '{"city":"Oslo"}' }),
      calls,
      done,
    ),
    means: { calls: [paris, oslo] },
  },
  {
    name: 'pieces of two calls by turns',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '' }),
      callDelta(1, { id: 'get_weather:1', name: 'get_weather', arguments: '' }),
      callDelta(0, { arguments: '{"city":' }),
      callDelta(1, { arguments: '{"city":' }),
      callDelta(0, { arguments: '"Paris"}' }),
      callDelta(1, { arguments: '"Oslo"}' }),
      calls,
      done,
    ),
    means: { calls: [paris, oslo] },
  },
  {
    name: 'arguments as an object',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: { city: 'Paris' } }),
      calls,
      done,
    ),
    means: { calls: [paris] },
  },
  {
    name: 'no arguments at all',
    stream: frames(callDelta(0, { id: 'read:0', name: 'read' }), calls, done),
    means: { calls: [{ id: 'read:0', name: 'read', args: '' }] },
  },
  {
    name: 'an id the host made of a unknown tool',
    stream: frames(
      callDelta(0, { id: 'functionsexec5', name: 'exec', arguments: '{}' }),
      calls,
      done,
    ),
    means: { calls: [{ id: 'functionsexec5', name: 'exec', args: '{}' }] },
  },
  {
    name: 'reasoning under the key "reasoning"',
    stream: frames({ reasoning: 'Hm' }, { reasoning: 'm.' }, { content: 'Yes.' }, stop, done),
    means: { reasoning: 'Hmm.', key: 'reasoning', text: 'Yes.', finish: 'stop' },
  },
  {
    name: 'reasoning as details',
    stream: frames(
      { reasoning_details: [{ type: 'reasoning.text', text: 'Hmm.' }] },
      { content: 'Yes.' },
      stop,
      done,
    ),
    means: { reasoning: 'Hmm.', key: 'reasoning_content', text: 'Yes.' },
  },
  {
    name: 'the same reasoning under two keys',
    stream: frames(
      { reasoning: 'Hmm.', reasoning_details: [{ text: 'Hmm.' }] },
      { content: 'Yes.' },
      stop,
      done,
    ),
    means: { reasoning: 'Hmm.', key: 'reasoning' },
  },
  {
    name: 'reasoning between <think> tags in the content',
    stream: frames(...letters('<think>\nHm < 3.\n</think>\n\nYes <b>.'), stop, done),
    means: { reasoning: '\nHm < 3.\n', text: 'Yes <b>.', finish: 'stop', warnings: [] },
  },
  {
    name: 'a stray </think> before the text',
    stream: frames({ reasoning_content: 'Hmm.' }, ...letters('</think>Yes.'), stop, done),
    means: { reasoning: 'Hmm.', text: 'Yes.' },
  },
  {
    name: 'a stray </think> in the text',
    stream: frames({ content: 'Well,</thi' }, { content: 'nk> yes.' }, stop, done),
    means: {
      text: 'Well, yes.',
      warnings: ["Tokens of the model's template stood in the answer's text. They were taken out."],
    },
  },
  {
    name: 'calls as native tokens in the content, letter by letter',
    stream: frames(
      ...letters(
        `One moment.${section(leaked('functions.get_weather:0', '{"city":"Paris"}'), leaked('functions.get_weather:1', ' {"city":"Oslo"} '))}`,
      ),
      stop,
      done,
    ),
    means: {
      text: 'One moment.',
      calls: [
        { ...paris, id: 'functions.get_weather:0' },
        { ...oslo, id: 'functions.get_weather:1' },
      ],
      finish: 'tool_calls',
    },
  },
  {
    name: 'a native call without its section, in singular spelling',
    stream: frames(
      { content: `<|tool_call_section_begin|>${leaked('get_weather:7', '{"city":"Paris"}')}` },
      stop,
      done,
    ),
    means: { text: '', calls: [{ ...paris, id: 'get_weather:7' }], finish: 'tool_calls' },
  },
  {
    name: 'a native call whose leading token is cut off',
    stream: frames(
      ...letters('channel_reply:0<|tool_call_argument_begin|>{"city":"Paris"}<|tool_call_end|>'),
      stop,
      done,
    ),
    means: {
      text: '',
      calls: [{ id: 'channel_reply:0', name: 'channel_reply', args: '{"city":"Paris"}' }],
    },
  },
  {
    name: 'a native call without its leading token, glued to the words before it',
    stream: frames(
      ...letters('Hold on.channel_reply:0<|tool_call_argument_begin|>{"city":"Paris"}'),
      { content: '<|tool_call_end|>' },
      stop,
      done,
    ),
    means: {
      text: 'Hold on.channel_reply:0', // told before anything gave it away
      calls: [{ id: 'channel_reply:0', name: 'channel_reply', args: '{"city":"Paris"}' }],
    },
  },
  {
    name: 'a native call in the reasoning of an otherwise empty answer',
    stream: frames(
      {
        reasoning_content: `Look.${section(leaked('functions.get_weather:0', '{"city":"Paris"}'))}`,
      },
      stop,
      done,
    ),
    means: {
      reasoning: `Look.${section(leaked('functions.get_weather:0', '{"city":"Paris"}'))}`,
      calls: [],
      finish: 'stop',
    },
  },
  {
    name: 'a native call in the reasoning beside a proper one',
    stream: frames(
      { reasoning_content: section(leaked('functions.read:0', '{}')) },
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      calls,
      done,
    ),
    means: { calls: [paris] },
  },
  {
    name: 'a native call to a tool that was never sent',
    stream: frames({ content: `Hi.${section(leaked('functions.rm:0', '{}'))}` }, stop, done),
    means: {
      text: 'Hi.',
      calls: [{ id: 'functions.rm:0', name: 'rm', args: '{}' }],
      finish: 'tool_calls',
    },
  },
  {
    name: 'a native call that was also told properly',
    stream: frames(
      { content: section(leaked('functions.get_weather:0', '{ "city": "Paris" }')) },
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      calls,
      done,
    ),
    means: { text: '', calls: [paris] },
  },
  {
    name: 'tokens of the template in the text',
    stream: frames(...letters('Yes.<|im_end|><|im_user|>'), stop, done),
    means: { text: 'Yes.' },
  },
  {
    name: 'text that only looks like tokens',
    stream: frames(...letters('a <| b <thin and [EOS] <|tool_call'), stop, done),
    means: { text: 'a <| b <thin and [EOS] <|tool_call', warnings: [] },
  },
  {
    name: 'stop as the reason, though there are calls',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      stop,
      done,
    ),
    means: { calls: [paris], finish: 'tool_calls' },
  },
  {
    name: 'tool_calls as the reason, though there are none',
    stream: frames({ content: 'Yes.' }, calls, done),
    means: { text: 'Yes.', finish: 'stop' },
  },
  {
    name: 'an invented reason',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      { finish_reason: 'unexpected_state' },
      done,
    ),
    means: { calls: [paris], finish: 'tool_calls' },
  },
  {
    name: 'no reason, but whole calls',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"city":"Paris"}' }),
      done,
    ),
    means: { calls: [paris], finish: 'tool_calls' },
  },
  {
    name: 'length in the middle of a call',
    stream: frames(
      callDelta(0, { id: 'get_weather:0', name: 'get_weather', arguments: '{"ci' }),
      { finish_reason: 'length' },
      done,
    ),
    means: { calls: [{ ...paris, args: '{"ci' }], finish: 'length' },
  },
  {
    name: 'no [DONE]',
    stream: frames({ content: 'Yes.' }, stop),
    means: { text: 'Yes.', finish: 'stop', warnings: [] },
  },
  {
    name: 'no blank line after the last frame',
    stream: frames({ content: 'Yes.' }, stop).trimEnd(),
    means: { text: 'Yes.', finish: 'stop' },
  },
  {
    name: 'usage beside the choices',
    stream: frames(
      { content: 'Yes.' },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
      done,
    ),
    means: { usage: expectUsage({}) },
  },
  {
    name: 'usage in a frame of its own',
    stream: frames({ content: 'Yes.' }, stop, { choices: [], usage }, done),
    means: { usage: expectUsage({}) },
  },
  {
    name: "a gateway's estimate after the true usage inside the choice",
    stream: frames(
      { content: 'Yes.' },
      { ...stop, usage },
      { choices: [], usage: { ...usage, prompt_tokens: 77 } },
      done,
    ),
    means: { usage: expectUsage({}) },
  },
  {
    name: 'no usage',
    stream: frames({ content: 'Yes.' }, { ...stop, usage: null }, done),
    means: { text: 'Yes.', usage: undefined },
  },
  {
    name: 'CRLF, missing spaces, data of two lines, other fields',
    stream: `event: message\r\nid: 1\r\n${frames({ content: 'Yes ' }).replaceAll('\n', '\r\n').replace('data: ', 'data:')}data: {"choices":[{"delta":\ndata: {"content":"no."}}]}\n\n${frames(stop, done)}`,
    means: { text: 'Yes no.', finish: 'stop', warnings: [] },
  },
  {
    name: 'frames glued together',
    stream: `data: ${json({ content: 'Yes ' })}${json({ content: 'and ' })}\n\ndata: ${json({ content: 'no' })}data: ${json({ content: '.' })}\n\n${frames(stop, done)}`,
    means: { text: 'Yes and no.', finish: 'stop', warnings: [] },
  },
  {
    name: 'a frame that is no JSON',
    stream: frames({ content: 'Yes ' }, 'upstream keepalive', { content: 'no.' }, stop, done),
    means: {
      text: 'Yes no.',
      finish: 'stop',
      warnings: ['A frame that is no JSON was left out: upstream keepalive'],
    },
  },
  {
    name: 'an error after the end of the answer',
    stream: frames({ content: 'Yes.' }, stop, { error: { message: 'late' } }, done),
    means: { text: 'Yes.', finish: 'stop' },
  },
];

function json(delta: Record<string, unknown>): string {
  return JSON.stringify({ choices: [{ index: 0, delta }] });
}

function expectUsage(more: object): Folded['usage'] {
  return { ...usageTold, ...more };
}

import { describe, expect, test } from 'vitest';
import { faults, type FaultName, type RecordedRequest } from '../../src/index.ts';
import {
  ask,
  assemble,
  body,
  call,
  events,
  start,
  streamed,
  until,
  type Assembled,
  type Parsed,
  type Reply,
} from '../support.ts';

const scripted = {
  reasoning: 'The user wants the weather, so I ask for it.',
  text: 'Checking both cities now.',
  calls: [
    { name: 'get_weather', arguments: { city: 'Paris', unit: 'celsius' } },
    { name: 'get_weather', arguments: { city: 'Oslo' } },
  ],
};
const withoutText = { ...scripted, text: '' };
const plain = { reasoning: scripted.reasoning, text: scripted.text };
const history = (id = 'get_weather:0'): object[] => [
  { role: 'user', content: 'hi' },
  { role: 'assistant', reasoning_content: 'r', tool_calls: [call(id)] },
  { role: 'tool', tool_call_id: id, content: 'Sunny' },
];

/** What came of a fault: as a stream put together, and as raw chunks. */
interface Seen extends Assembled {
  readonly text: string;
  readonly status: number | undefined;
  readonly broken: string | undefined;
  readonly chunks: readonly Parsed[];
  readonly deltas: readonly Parsed[];
  readonly record: RecordedRequest;
}

interface Case {
  readonly script?: object;
  readonly request?: Record<string, unknown>;
  readonly see: (seen: Seen) => unknown;
}

const section =
  /^.*<\|tool_calls_section_begin\|><\|tool_call_begin\|>functions\.get_weather:0<\|tool_call_argument_begin\|>\{"city":"Paris","unit":"celsius"\}<\|tool_call_end\|><\|tool_call_begin\|>functions\.get_weather:1.*<\|tool_calls_section_end\|>$/;
const leaked = (content: RegExp) => ({
  see: (seen: Seen) =>
    expect(seen).toMatchObject({
      content: expect.stringMatching(content),
      finish: 'stop',
      calls: [],
    }),
});
const args = (...expected: unknown[]) => ({
  see: ({ deltas, calls }: Seen) => {
    expect(deltas.length).toBeGreaterThan(0);
    expect(calls.map((each) => each.arguments)).toEqual(expected);
  },
});
const ids = (...expected: string[]) => ({
  see: ({ calls }: Seen) => expect(calls.map(({ id }) => id)).toEqual(expected),
});
const finish = (reason: string | undefined) => ({
  see: (seen: Seen) =>
    expect([seen.finish, seen.calls.length, seen.done]).toEqual([reason, 2, true]),
});
const same = (more: (seen: Seen) => unknown = () => {}) => ({
  see: (seen: Seen) => {
    expect(seen).toMatchObject({
      reasoning: scripted.reasoning,
      content: scripted.text,
      finish: 'tool_calls',
    });
    expect(seen.calls.map((each) => each.arguments)).toEqual([
      '{"city":"Paris","unit":"celsius"}',
      '{"city":"Oslo"}',
    ]);
    return more(seen);
  },
});
const halfWith = (reason: string) => ({
  see: (seen: Seen) => {
    expect([seen.finish, seen.calls.length]).toEqual([reason, 0]);
    expect(scripted.text.startsWith(seen.content)).toBe(true);
    expect(seen.content.length).toBeLessThan(scripted.text.length);
  },
});
const brokenOff = (more: (seen: Seen) => unknown = () => {}) => ({
  see: (seen: Seen) => {
    expect(seen).toMatchObject({ done: false, finish: undefined });
    expect(seen.broken).toBeDefined();
    return more(seen);
  },
});
const hidden = (more: (seen: Seen) => unknown) => ({
  see: (seen: Seen) => {
    expect(seen).toMatchObject({ done: true, finish: undefined, broken: undefined });
    return more(seen);
  },
});
const silent = (seen: Seen): void => {
  expect(seen.done).toBe(false);
  expect(seen.record.closedByClient).toBe(true);
};
const laterDeltas = ({ deltas }: Seen) => deltas.filter((delta) => delta.index === 0).slice(1);

/** What each fault that is no error answer does to a streamed answer. */
const cases: Partial<Record<FaultName, Case>> = {
  'leak-in-content': leaked(section),
  'leak-in-reasoning': {
    see: (seen) =>
      expect(seen).toMatchObject({
        reasoning: expect.stringMatching(section),
        content: '',
        finish: 'stop',
        calls: [],
      }),
  },
  'leak-without-section': leaked(/now\.<\|tool_call_begin\|>functions\.get_weather:0/),
  'leak-cut-start': leaked(/now\.get_weather:0<\|tool_call_argument_begin\|>/),
  'leak-unclosed-think': {
    see: (seen) =>
      expect(seen).toMatchObject({
        reasoning: expect.stringMatching(/ask for it\.Checking both.*section_end\|>$/),
        content: '',
        calls: [],
      }),
  },
  'leak-singular-section': leaked(/<\|tool_call_section_begin\|>.*<\|tool_call_section_end\|>$/),
  'leak-after-odd-ids': {
    ...leaked(/functions\.get_weather:1<\|/),
    request: { messages: history('call_1') },
  },
  'leak-unknown-tool': leaked(/<\|tool_call_begin\|>call_0<\|.*<\|tool_calls_section_end\|>$/),
  'leak-nested': leaked(/begin\|>\{"city":"<\|tool_call_begin\|>.*<\|tool_calls_section_end\|>$/),
  'leak-broken-off': leaked(/<\|tool_call_argument_begin\|>[^}]*$/),
  'leak-quoted': {
    see: ({ content, calls }) => {
      expect(content).toMatch(/now\. `<\|tool_calls_section_begin\|>.*section_end\|>`$/);
      expect(calls).toHaveLength(2);
    },
  },
  'leak-quoted-at-end': {
    see: ({ content, calls }) => {
      expect(content).toMatch(/now\. <\|tool_calls_section_begin\|>.*\{\}.*section_end\|>$/);
      expect(calls).toHaveLength(2);
    },
  },
  'leak-in-prose': {
    see: ({ content, calls }) => {
      expect(content).toMatch(/<\|im_end\|> at the end, <think>.*<\/think> behind it\.$/);
      expect(calls).toHaveLength(2);
    },
  },
  'reasoning-text': { see: ({ text }) => expect(text).toContain('{"reasoning_text":"') },
  'reasoning-object': { see: ({ text }) => expect(text).toContain('{"reasoning":{"content":"') },
  'reasoning-part': {
    see: ({ text }) => expect(text).toContain('{"content":[{"type":"thinking","thinking":"'),
  },
  'calls-that-say-nothing': {
    script: plain,
    see: ({ text }) =>
      expect(text).toContain('"id":"","type":"function","function":{"name":"","arguments":""}'),
  },
  'finish-error': halfWith('error'),
  'finish-abort': halfWith('abort'),
  'finish-network_error': halfWith('network_error'),
  'finish-insufficient_system_resource': halfWith('insufficient_system_resource'),
  'finish-sensitive': halfWith('sensitive'),
  'finish-unknown-with-text': {
    script: plain,
    see: (seen) => expect([seen.finish, seen.content]).toEqual(['blorp', scripted.text]),
  },
  'finish-max-tokens': {
    see: (seen) => {
      expect(seen.finish).toBe('max_tokens');
      expect(seen.calls[1]?.arguments).toBe('{"city":');
    },
  },
  'finish-length-then-stop': {
    see: ({ chunks, calls }) => {
      const reasons = chunks.flatMap((chunk) => chunk.choices?.[0]?.finish_reason ?? []);
      expect(reasons).toEqual(['length', 'stop']);
      expect(calls.map((each) => each.arguments)).toEqual(['']);
    },
  },
  'index-zero': {
    see: ({ deltas }) => {
      expect(new Set(deltas.map(({ index }) => index))).toEqual(new Set([0]));
      expect(deltas.flatMap(({ id }) => id ?? [])).toHaveLength(2);
    },
  },
  'name-in-pieces': {
    see: ({ deltas }) =>
      expect(deltas.slice(0, 3).map((delta) => delta.function?.name)).toEqual([
        'get_w',
        'eather',
        undefined,
      ]),
  },
  'message-after-deltas': same(({ text }) =>
    expect(text).toMatch(/"finish_reason":"tool_calls".*"message":\{"role":"assistant"/),
  ),
  'choice-in-between': {
    see: ({ text }) => expect(text).toContain('{"index":1,"delta":{"content":"No. "}'),
  },
  'calls-in-second-choice': {
    see: ({ text }) => {
      expect(text).toContain('{"index":1,"delta":{"tool_calls":');
      expect(text).not.toContain('{"index":0,"delta":{"tool_calls":');
    },
  },
  'error-after-keep-alives': {
    see: ({ text }) => expect(text).toMatch(/^: PING\n\n: PING\n\n\{"error":.*\}$/),
  },
  'error-line': { see: ({ text }) => expect(text).toMatch(/^: PING\n\nerror: \{"error":/) },
  'error-event': { see: ({ text }) => expect(text).toMatch(/^event: error\ndata: \{"message":/) },
  'error-empty': same(({ text }) => expect(text).toContain('"error":{}')),
  'leak-end-token': { see: ({ content }) => expect(content).toMatch(/now\.<\|im_end\|>$/) },
  'leak-without-tools': {
    ...leaked(/functions\.get_weather:1<\|/),
    request: { messages: history(), tools: undefined },
  },
  'reasoning-key': {
    see: ({ text, reasoning }) =>
      expect([reasoning, text.includes('"delta":{"reasoning":"The "}')]).toEqual(['', true]),
  },
  'reasoning-details': {
    see: ({ chunks }) => expect(chunks[1].choices[0].delta.reasoning_details[0].text).toBe('The '),
  },
  'think-in-content': {
    see: (seen) =>
      expect(seen).toMatchObject({
        reasoning: '',
        content: `<think>\n${scripted.reasoning}\n</think>\n${scripted.text}`,
      }),
  },
  'stray-think-close': {
    see: ({ content }) => expect(content).toBe(`${scripted.reasoning}</think>${scripted.text}`),
  },
  'stray-think-close-alone': {
    see: (seen) =>
      expect(seen).toMatchObject({
        reasoning: scripted.reasoning,
        content: `</think>${scripted.text}`,
      }),
  },
  'reasoning-in-role-chunk': same(({ chunks }) =>
    expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', reasoning_content: 'The ' }),
  ),
  'reasoning-interleaved': same(({ chunks }) => {
    const keys = chunks.map((chunk) => Object.keys(chunk.choices?.[0]?.delta ?? {})[0]);
    expect(keys.lastIndexOf('reasoning_content')).toBeGreaterThan(keys.indexOf('content', 1));
  }),
  'arguments-broken-quotes': args(
    '{"input": "{"city":"Paris","unit":"celsius"}"}',
    '{"input": "{"city":"Oslo"}"}',
  ),
  'arguments-missing-quote': args('{"city":"Paris","unit":"celsius}', '{"city":"Oslo}'),
  'arguments-truncated': args('{"city":"Paris","unit"', '{"city":"O'),
  'arguments-control-characters': args(
    '{"city":"\n\tParis","unit":"celsius"}',
    '{"city":"\n\tOslo"}',
  ),
  'arguments-double-encoded': args(
    JSON.stringify('{"city":"Paris","unit":"celsius"}'),
    JSON.stringify('{"city":"Oslo"}'),
  ),
  'arguments-object': {
    see: ({ deltas }) =>
      expect(deltas[0].function.arguments).toEqual({ city: 'Paris', unit: 'celsius' }),
  },
  'arguments-degenerate': args('{"city":":158","unit":": "}', '{"city":":158"}'),
  'arguments-empty': args('', ''),
  'arguments-null': {
    see: ({ deltas }) =>
      expect(deltas.map((delta) => delta.function.arguments)).toEqual([null, null]),
  },
  'arguments-absent': {
    see: ({ deltas }) =>
      expect(deltas.map((delta) => 'arguments' in delta.function)).toEqual([false, false]),
  },
  'ids-functions': ids('functions.get_weather:0', 'functions.get_weather:1'),
  'ids-underscore': ids('get_weather_0', 'get_weather_1'),
  'ids-uuid': {
    see: ({ calls }) => expect(calls[1]?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  },
  'ids-call': { see: ({ calls }) => expect(calls[1]?.id).toMatch(/^call_\w{24}$/) },
  'ids-tool-hex': {
    see: ({ calls }) => expect(calls[1]?.id).toMatch(/^chatcmpl-tool-[0-9a-f]{32}$/),
  },
  'ids-odd': ids('0', 'call00003'),
  'ids-repeated': {
    ...ids('functions.get_weather:0', 'functions.get_weather:1'),
    request: { messages: history() },
  },
  'ids-duplicate': ids('get_weather:0', 'get_weather:0'),
  'ids-missing': { see: ({ deltas }) => expect(deltas.some((delta) => 'id' in delta)).toBe(false) },
  'ids-empty': { see: ({ deltas }) => expect(deltas[0].id).toBe('') },
  'ids-null': { see: ({ deltas }) => expect(deltas[0].id).toBe(null) },
  'unknown-tool': { see: ({ calls }) => expect(calls[0]?.name).toBe('get_weather_unknown') },
  'empty-tool-name': { see: ({ deltas }) => expect(deltas[0].function.name).toBe('') },
  'finish-stop-with-calls': finish('stop'),
  'finish-unexpected-state': finish('unexpected_state'),
  'finish-function-call': finish('function_call'),
  'finish-null': finish(undefined),
  'finish-missing': {
    see: (seen) => {
      finish(undefined).see(seen);
      expect('finish_reason' in seen.chunks.at(-3).choices[0]).toBe(false);
    },
  },
  'finish-missing-with-text': {
    script: plain,
    see: (seen) => expect(seen).toMatchObject({ finish: undefined, content: scripted.text }),
  },
  'finish-tool-calls-without-calls': {
    script: plain,
    see: (seen) => expect(seen).toMatchObject({ finish: 'tool_calls', calls: [] }),
  },
  'finish-content-filter': {
    see: (seen) =>
      expect(seen).toMatchObject({ finish: 'content_filter', content: 'Checking both', calls: [] }),
  },
  'budget-eaten': {
    request: { max_completion_tokens: 5120 },
    see: (seen) =>
      expect(seen).toMatchObject({
        finish: 'length',
        content: '',
        calls: [],
        usage: { completion_tokens: 5120 },
      }),
  },
  'length-in-arguments': {
    see: (seen) => expect([seen.finish, seen.calls[1]?.arguments]).toEqual(['length', '{"city":']),
  },
  'answer-in-reasoning': {
    script: plain,
    see: (seen) =>
      expect(seen).toMatchObject({ content: '', reasoning: scripted.reasoning + scripted.text }),
  },
  'endless-reasoning': {
    request: { max_completion_tokens: 300 },
    see: (seen) =>
      expect(seen).toMatchObject({
        finish: 'length',
        content: '',
        reasoning: expect.stringMatching(/^(Wait, let me think about this once more\. ){29}/),
      }),
  },
  'empty-answer': {
    see: (seen) =>
      expect(seen).toMatchObject({ finish: 'stop', content: '', reasoning: '', calls: [] }),
  },
  'think-only': {
    see: (seen) =>
      expect(seen).toMatchObject({
        finish: 'stop',
        content: '',
        reasoning: scripted.reasoning,
        calls: [],
      }),
  },
  'empty-after-tool': {
    request: { messages: history() },
    see: (seen) => expect(seen).toMatchObject({ finish: 'stop', content: '', calls: [] }),
  },
  'index-missing': {
    see: ({ deltas }) => expect(deltas.some((delta) => 'index' in delta)).toBe(false),
  },
  'id-mutates': same(({ deltas }) =>
    expect(deltas.slice(0, 3).map(({ id }) => id)).toEqual([
      'get_weather:0',
      'chatcmpl-tool-1',
      'chatcmpl-tool-2',
    ]),
  ),
  'id-on-each-delta': same((seen) =>
    expect(laterDeltas(seen).every(({ id }) => id === 'get_weather:0')).toBe(true),
  ),
  'id-late': same(({ deltas }) =>
    expect(['id' in deltas[0], deltas[1].id]).toEqual([false, 'get_weather:0']),
  ),
  'name-late': same((seen) => {
    expect('name' in seen.deltas[0].function).toBe(false);
    expect(laterDeltas(seen).at(-1).function.name).toBe('get_weather');
  }),
  'name-repeated': same((seen) =>
    expect(laterDeltas(seen).every((delta) => delta.function.name === 'get_weather')).toBe(true),
  ),
  'nulls-in-calls': same((seen) =>
    expect(laterDeltas(seen)[0]).toMatchObject({ id: null, type: null, function: { name: null } }),
  ),
  'name-empty-later': same((seen) => expect(laterDeltas(seen)[0].function.name).toBe('')),
  'arguments-null-delta': same(({ deltas }) => expect(deltas[0].function.arguments).toBe(null)),
  'calls-interleaved': same(({ deltas }) =>
    expect(deltas.slice(0, 6).map(({ index }) => index)).toEqual([0, 1, 0, 1, 0, 1]),
  ),
  'calls-in-one-chunk': same(({ deltas }) => expect(deltas).toHaveLength(2)),
  'finish-with-last-delta': same(({ chunks }) =>
    expect(chunks.at(-3).choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      delta: { tool_calls: [{ index: 1 }] },
    }),
  ),
  'role-on-each-chunk': same(({ chunks }) =>
    expect(chunks[3].choices[0].delta).toMatchObject({ role: 'assistant', content: '' }),
  ),
  'nulls-in-deltas': same(({ chunks }) =>
    expect(chunks[1].choices[0].delta).toMatchObject({ content: null, tool_calls: null }),
  ),
  'usage-none': same(({ usage }) => expect(usage).toBeUndefined()),
  'usage-top-level': same(({ chunks }) => {
    expect(chunks.at(-2)).toMatchObject({
      usage: { total_tokens: expect.any(Number) },
      choices: [{ finish_reason: 'tool_calls' }],
    });
    expect('usage' in chunks.at(-2).choices[0]).toBe(false);
  }),
  'usage-in-choice-only': same(({ chunks }) =>
    expect(chunks.at(-2).choices[0].usage.total_tokens).toBeGreaterThan(0),
  ),
  'usage-trailing-only': same(({ chunks }) =>
    expect([chunks.at(-3).choices[0].usage, chunks.at(-2).usage]).toEqual([
      undefined,
      expect.anything(),
    ]),
  ),
  'usage-on-each-chunk': same(({ chunks, usage }) => {
    const counts = chunks.slice(0, -1).map((chunk) => chunk.usage.completion_tokens);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  }),
  'usage-null': same(({ chunks }) => expect(chunks[0].usage).toBe(null)),
  'usage-estimated': same(({ chunks }) =>
    expect(chunks.at(-2).usage.prompt_tokens).toBe(
      chunks.at(-3).choices[0].usage.prompt_tokens + 17,
    ),
  ),
  'usage-cached-top-only': {
    script: { ...scripted, usage: { cached_tokens: 8 } },
    ...same(({ usage }) =>
      expect([usage.cached_tokens, usage.prompt_tokens_details]).toEqual([8, undefined]),
    ),
  },
  'usage-cached-details-only': {
    script: { ...scripted, usage: { cached_tokens: 8 } },
    ...same(({ usage }) =>
      expect([usage.cached_tokens, usage.prompt_tokens_details]).toEqual([
        undefined,
        { cached_tokens: 8 },
      ]),
    ),
  },
  'swallow-finish': {
    request: { stream_options: undefined },
    see: (seen) =>
      expect([seen.finish, seen.calls.length, seen.done]).toEqual([undefined, 2, true]),
  },
  'error-in-stream': {
    see: ({ chunks, done, content, reasoning }) => {
      expect(chunks.at(-1).error).toMatchObject({ type: 'engine_overloaded_error' });
      expect([done, (content + reasoning).length > 0]).toEqual([false, true]);
    },
  },
  'error-in-stream-with-done': {
    see: ({ chunks, done }) =>
      expect([chunks.at(-2).error.type, done]).toEqual(['engine_overloaded_error', true]),
  },
  'error-first': {
    see: ({ chunks }) => expect(chunks).toEqual([{ error: expect.anything() }, '[DONE]']),
  },
  'stream-empty': { see: ({ text }) => expect(text).toBe('data: [DONE]\n\n') },
  'no-done': same(({ done, broken }) => expect([done, broken]).toEqual([false, undefined])),
  'keep-alives': same(({ text, chunks }) =>
    expect(text.split(': PING\n\n').length).toBeGreaterThan(chunks.length),
  ),
  'frames-corrupt': same(({ text }) =>
    expect(text).toContain('data: {"id":"chatcmpl-broken","choices":[{"ind\n\n'),
  ),
  'frame-broken': {
    see: ({ chunks, done }) =>
      expect([chunks.filter((chunk) => typeof chunk === 'string').length, done]).toEqual([2, true]),
  },
  'frames-not-json': same(({ text }) => expect(text).toContain('data: upstream connected\n\n')),
  'frames-unknown': same(({ text }) => expect(text).toContain('event: status\nid: 7\n')),
  'choices-empty': same(({ chunks }) =>
    expect(chunks.filter((chunk) => chunk.choices?.length === 0 && !chunk.usage)).toHaveLength(1),
  ),
  'frames-concatenated': {
    see: ({ text, chunks }) => {
      expect(text.split('}{"id"')).toHaveLength(2);
      expect(chunks.filter((chunk) => typeof chunk === 'string')).toHaveLength(2);
    },
  },
  crlf: same(({ text }) => expect(text.replaceAll('\r\n', '')).not.toContain('\n')),
  'no-space': same(({ text }) =>
    expect([text.includes('data:{'), text.includes('data: ')]).toEqual([true, false]),
  ),
  'multi-line-data': same(({ text }) =>
    expect(text).toMatch(/"model":"kimi-k2\.6",\ndata: "choices":/),
  ),
  'pieces-of-1-byte': same(),
  'pieces-of-7-bytes': same(),
  'pieces-of-1000-bytes': same(),
  'json-for-stream': { see: ({ text }) => expect(JSON.parse(text).object).toBe('chat.completion') },
  'stream-for-json': { request: { stream: false, stream_options: undefined }, ...same() },
  'content-null': {
    script: withoutText,
    see: ({ chunks }) =>
      expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: null }),
  },
  'content-absent': {
    script: withoutText,
    see: ({ chunks }) => expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant' }),
  },
  'cut-before-headers': {
    see: ({ status, broken }) =>
      expect([status, broken]).toEqual([undefined, expect.stringContaining('fetch failed')]),
  },
  'reset-before-headers': { see: ({ broken }) => expect(broken).toContain('ECONNRESET') },
  'stall-before-headers': {
    see: (seen) => {
      silent(seen);
      expect(seen.status).toBeUndefined();
    },
  },
  'cut-after-headers': brokenOff(({ text, status }) => expect([text, status]).toEqual(['', 200])),
  'cut-in-reasoning': brokenOff(({ reasoning, content }) =>
    expect([reasoning, content]).toEqual(['The user wants the weath', '']),
  ),
  'cut-in-text': brokenOff(({ reasoning, content }) =>
    expect([reasoning, content]).toEqual([scripted.reasoning, 'Checking both ci']),
  ),
  'cut-in-arguments': brokenOff(({ calls }) =>
    expect(calls).toEqual([expect.objectContaining({ arguments: '{"city":"Paris","uni' })]),
  ),
  'cut-before-finish': brokenOff(({ calls }) => expect(calls).toHaveLength(2)),
  'cut-before-done': {
    see: (seen) =>
      expect([seen.finish, seen.done, seen.broken]).toEqual([
        'tool_calls',
        false,
        expect.any(String),
      ]),
  },
  'reset-in-arguments': {
    see: ({ broken, done }) => expect([broken, done]).toEqual([expect.any(String), false]),
  },
  'done-in-reasoning': hidden(({ reasoning }) =>
    expect(reasoning).toBe('The user wants the weath'),
  ),
  'done-in-text': hidden(({ content }) => expect(content).toBe('Checking both ci')),
  'done-in-arguments': hidden(({ calls }) =>
    expect(calls[0]?.arguments).toBe('{"city":"Paris","uni'),
  ),
  'done-before-arguments': hidden(({ calls }) =>
    expect(calls).toEqual([expect.objectContaining({ name: 'get_weather', arguments: '' })]),
  ),
  'stall-after-headers': {
    see: (seen) => {
      silent(seen);
      expect([seen.status, seen.text]).toEqual([200, '']);
    },
  },
  'stall-in-reasoning': {
    see: (seen) => {
      silent(seen);
      expect(seen.reasoning).not.toBe('');
    },
  },
  'stall-in-text': {
    see: (seen) => {
      silent(seen);
      expect(seen.content).not.toBe('');
    },
  },
  'stall-in-arguments': {
    see: (seen) => {
      silent(seen);
      expect(seen.calls[0]?.arguments).not.toBe('');
    },
  },
  'html-200': {
    see: ({ text, status }) =>
      expect([status, text]).toEqual([200, expect.stringMatching(/^<!DOCTYPE html>/)]),
  },
  'empty-200': { see: ({ text, status }) => expect([status, text]).toEqual([200, '']) },
  'error-200': {
    see: ({ text, status }) =>
      expect([status, JSON.parse(text).error.type]).toEqual([200, 'engine_overloaded_error']),
  },
};

async function provoke(name: FaultName, { script = scripted, request }: Case): Promise<Seen> {
  const simulator = await start({ script: [script, { text: 'The second.' }], faults: [name] });
  const stalls = name.startsWith('stall');
  const signal = stalls ? { signal: AbortSignal.timeout(300) } : {};
  const reply: Reply = await ask(simulator, streamed(request), signal);
  const record = simulator.requests[0]!;
  await until(() => record.endedAt !== undefined);
  const chunks = events(reply.text);
  const deltas = chunks.flatMap((chunk) => chunk.choices?.[0]?.delta?.tool_calls ?? []);
  return { ...assemble(reply.text), ...reply, chunks, deltas, record };
}

describe('the fault', () => {
  test.each(Object.entries(cases))('%s does what it is named for', async (name, provoked) => {
    const seen = await provoke(name as FaultName, provoked);
    expect(seen.record.faults).toContain(name);
    provoked.see(seen);
  });

  const errors = faults.filter(({ name }) => !(name in cases));

  test.each(errors)('$name answers with its error', async ({ name, kind, about }) => {
    expect(kind).toBe('error');
    const simulator = await start({ script: [scripted], faults: [name] });
    const reply = await ask(simulator, streamed());
    const status = Number(/^(\d{3}) |\((\d{3})\)\.$/.exec(about)?.slice(1).find(Boolean));
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-oneapi-request-id')).toMatch(/^\d{31}$/);
    const message = /^\d{3} .*?: (.*?)\.( Asks for.*)?$/.exec(about)?.[1];
    if (message) expect(JSON.parse(reply.text).error.message).toContain(message);
    expect(simulator.requests[0]).toMatchObject({ faults: [name], status, answer: undefined });
    expect(assemble((await ask(simulator, streamed())).text).content).toBe(scripted.text);
  });
});

test('every fault has a name of its own, a public source and a sentence', () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  for (const { source, about } of faults) {
    expect(source).toMatch(/\w{4}/);
    expect(source).not.toMatch(/^\d/);
    expect(about).toMatch(/[.)]$/);
  }
});

test.each([
  ['cut-in-reasoning', '"reasoning_content":"The'],
  ['cut-in-arguments', '"arguments":"{\\"'],
  ['cut-in-text', '"content":"Che'],
  ['cut-after-headers', '{'],
] as const)('%s breaks off a body that is not streamed, too', async (name, ending) => {
  const simulator = await start({ script: [scripted], faults: [name] });
  const reply = await ask(simulator, body());
  expect(reply.broken).toBeDefined();
  expect(simulator.requests[0]?.faults).toEqual([name]);
  // What undici had not read when the socket ended may be lost, never more than was sent.
  if (reply.text !== '') expect(reply.text).toContain(ending);
  expect(JSON.parse((await ask(simulator, body())).text).choices[0].finish_reason).toBe(
    'tool_calls',
  );
});

test.each([
  ['usage-none', (reply: Parsed) => expect(reply.usage).toBeUndefined()],
  [
    'arguments-object',
    (reply: Parsed) =>
      expect(reply.choices[0].message.tool_calls[1].function.arguments).toEqual({ city: 'Oslo' }),
  ],
  [
    'reasoning-key',
    (reply: Parsed) => expect(reply.choices[0].message.reasoning).toBe(scripted.reasoning),
  ],
  ['finish-missing', (reply: Parsed) => expect('finish_reason' in reply.choices[0]).toBe(false)],
  ['leak-in-content', (reply: Parsed) => expect(reply.choices[0].message.content).toMatch(section)],
] as const)('%s is the same in an answer that is not streamed', async (name, see) => {
  const simulator = await start({ script: [scripted], faults: [name] });
  see(JSON.parse((await ask(simulator, body())).text));
});

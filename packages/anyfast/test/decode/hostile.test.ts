import { describe, expect, test } from 'vitest';
import { Batch } from '../../src/decode/batch.ts';
import { Calls } from '../../src/decode/calls.ts';
import { Content } from '../../src/decode/content.ts';
import { Decoder } from '../../src/decode/decode.ts';
import { isRefusal } from '../../src/decode/error-frame.ts';
import { readFinish } from '../../src/decode/finish-reason.ts';
import { splitFrames } from '../../src/decode/glued-frames.ts';
import * as recovery from '../../src/decode/leaked-calls.ts';
import { idAtEnd, mayBeAnyId, mayBeId } from '../../src/decode/leaked-id.ts';
import { readEvents } from '../../src/decode/sse.ts';
import { beginsUnopened } from '../../src/decode/unopened-thought.ts';
import { ask, errorOf, modelAt } from '../support/ask.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { frames, startEndpoint, stream } from '../support/endpoint.ts';

// What took seconds for 40 KB before takes hours for a megabyte if it is quadratic; a slow machine needs a few seconds.
const mostCpuMs = 20_000;
const size = 1_000_000;
const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));

const texts: readonly (readonly [string, string])[] = [
  ['blanks', fill(' ')],
  ['line breaks', fill('\n')],
  ['letters before a stray token', `${fill('a')}<|tool_call_argument_begin|>`],
  ['digits and colons before a stray token', `${fill('a:1')}<|tool_call_argument_begin|>`],
  ['opening brackets', fill('<')],
  ['beginnings of tokens', fill('<|tool_call')],
  ['beginnings of calls', fill('<|tool_call_begin|>')],
  ['beginnings of sections', fill('<|tool_calls_section_begin|>')],
  ['calls in calls', fill('<|tool_call_begin|>read:0<|tool_call_argument_begin|>{"a":"')],
  [
    'calls with words behind',
    fill('<|tool_call_begin|>a:0<|tool_call_argument_begin|>{}<|tool_call_end|>x'),
  ],
  ['ends of messages', fill('<|im_end|> x')],
  ['tags of thinking', fill('</think>')],
  ['backticks', `<${fill('`')}`],
  ['backticks by turns', `<${fill('` `` ')}`],
  ['fences', `<${fill('```\n')}`],
  ['list marks', `<${fill('- ')}`],
  ['quotation marks', `<${fill('"')}`],
  ['brackets of JSON', fill('{')],
  ['closed brackets and blanks', fill('}  ')],
  ['frames without an end', fill('{"a":"b"')],
  ['escapes', fill('\\"')],
  ['marks of data', fill('data:')],
];

const scope = {
  toolNames: ['read', 'a'],
  takesCalls: true,
  thinks: true,
  hasReasoning: () => false,
};
const sink = { text: () => undefined, reasoning: () => undefined };

function inTime(work: () => void): void {
  expect(cpuMsOf(work)).toBeLessThan(mostCpuMs);
}

/** As a stream sends it: a few words at a time. What is quadratic in the pieces takes hours with so many, too. */
function pieces(text: string): readonly string[] {
  const letters = 16;
  return Array.from({ length: Math.ceil(text.length / letters) }, (_, at) =>
    text.slice(at * letters, (at + 1) * letters),
  );
}

describe.each(texts)('a megabyte of %s', (_what, text) => {
  test('is read as text in linear time, whole and in pieces', () => {
    for (const cut of [[text], pieces(text)]) {
      inTime(() => {
        const content = new Content(sink, scope);
        content.recoverBy(recovery);
        for (const piece of cut) content.push(piece);
        content.end();
      });
    }
    inTime(() => beginsUnopened(`${text}</think>`, scope));
  });

  test('is looked through for ids, frames, errors and reasons in linear time', () => {
    inTime(() => mayBeId(text, ['read']));
    inTime(() => mayBeAnyId(text));
    inTime(() => idAtEnd(text, ['read']));
    inTime(() => splitFrames(text));
    inTime(() => splitFrames(`{"a":"${text.replaceAll(/["\\]/g, 'x')}"}x`));
    inTime(() => readFinish(text));
    inTime(() => isRefusal({ error: text }));
  });

  test('is read as a stream in linear time', () => {
    const listener = {
      longest: 2 * size,
      onData: () => undefined,
      onStray: () => undefined,
      onTooLong: () => undefined,
    };
    inTime(() => {
      const events = readEvents(listener);
      for (const piece of pieces(text)) events.feed(piece);
      events.end();
    });
  });
});

const ofCalls = ['blanks', 'letters before a stray token', 'brackets of JSON', 'escapes'];

describe.each(texts.filter(([what]) => ofCalls.includes(what)))(
  'a megabyte of %s',
  (_what, text) => {
    test('is read as the name and the arguments of calls in linear time', () => {
      const calls = new Calls(
        { toolNames: ['read'], toOwn: (name) => name, isTaken: () => false, callCount: () => 0 },
        new Batch(),
      );
      inTime(() => {
        for (const piece of pieces(text)) {
          calls.add([{ function: { name: 'read', arguments: piece } }], false);
        }
        for (const piece of pieces(text)) {
          calls.add([{ index: 1, id: piece, function: { name: piece, arguments: '{}' } }], false);
        }
        calls.end();
      });
    });
  },
);

const decodeScope = {
  ...scope,
  callsAllowed: true,
  leakedCalls: 'read',
  prices: undefined,
  redact: (text: string) => text,
  toOwn: (name: string) => name,
  isTaken: () => false,
  callCount: () => 0,
} as const;

test('an answer without end is given up with a typed error before memory is', () => {
  const piece = 'x'.repeat(1024 * 1024);
  const endless = [
    { content: piece },
    { reasoning_content: piece },
    { tool_calls: [{ index: 0, function: { name: 'read', arguments: piece } }] },
    { content: `<|tool_call_begin|>read:0<|tool_call_argument_begin|>${piece}` },
  ];
  for (const delta of endless) {
    const decoder = new Decoder(decodeScope);
    decoder.needsRecovery('<');
    const data = JSON.stringify({ choices: [{ index: 0, delta }] });
    const read = () => {
      for (let at = 0; at < 70; at++) {
        decoder.event(data);
        decoder.take();
      }
    };
    expect(read).toThrow(expect.objectContaining({ code: 'answer_too_large', retryable: false }));
  }
});

test('a second choice without end is given up too', () => {
  const decoder = new Decoder(decodeScope);
  decoder.event(JSON.stringify({ choices: [{ index: 0, delta: { content: 'Yes.' } }] }));
  const delta = { content: 'x'.repeat(1024 * 1024) };
  const data = JSON.stringify({ choices: [{ index: 1, delta }] });
  expect(() => {
    for (let at = 0; at < 70; at++) decoder.event(data);
  }).toThrow('too long');
});

test.each([
  ['empty objects', 'data: {}\n\n'],
  ['empty deltas', frames({ content: '' })],
  ['nulls', frames({ content: null, tool_calls: null })],
  ['calls that say nothing', frames({ tool_calls: [{ index: 0 }] })],
  ['a count of tokens', frames({ usage: { prompt_tokens: 1, completion_tokens: 1 } })],
  ['words of a gateway', 'data: still waiting\n\n'],
])('%s are no sign of life', async (_what, frame) => {
  const endpoint = await startEndpoint((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames({ content: 'Yes' }));
    const timer = setInterval(() => response.write(frame), 20);
    response.on('close', () => clearInterval(timer));
  });
  const timeouts = { firstByteTimeoutMs: 400, idleTimeoutMs: 400 };
  const error = await errorOf(ask(modelAt(endpoint.baseURL, timeouts)));
  expect(error).toMatchObject({ code: 'timeout', retryable: true });
  await endpoint.hungUp;
});

test('the bill of a whole answer is waited for, but not for ever', async () => {
  const endpoint = await startEndpoint((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames({ content: 'Yes.' }, { finish_reason: 'stop' }));
    const timer = setInterval(() => response.write(': PING\n\n'), 100);
    response.on('close', () => clearInterval(timer));
  });
  expect(await ask(modelAt(endpoint.baseURL))).toMatchObject({ text: 'Yes.', finish: 'stop' });
  await endpoint.hungUp;
}, 30_000);

test('a frame that repeats without end is reported once', async () => {
  const noise = Array.from({ length: 50 }, (_, at) => `data: noise ${at}\n\n`).join('');
  const text = `${noise}${frames({ content: 'Yes.' }, { finish_reason: 'stop' }, '[DONE]')}`;
  const endpoint = await startEndpoint(stream(text));
  expect((await ask(modelAt(endpoint.baseURL))).warnings).toHaveLength(1);
});

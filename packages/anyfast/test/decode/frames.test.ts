import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decoder } from '../../src/decode/decode.ts';
import { FrameReader } from '../../src/decode/frames.ts';

const frameOf = (delta: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  id: 'chatcmpl-1',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});

const piece = fc.oneof(
  fc.constantFrom(
    'a',
    '',
    '"',
    '\\',
    '\n',
    '","content":"x',
    'a"}}]}',
    '\u2028',
    '\ud800',
    '{"',
    'é',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const delta = fc.oneof(
  fc.record({ content: piece }),
  fc.record({ reasoning_content: piece }),
  fc.record({ content: piece, reasoning_content: piece }),
  fc.record({ reasoning: piece, role: fc.constant('assistant'), content: fc.constant('') }),
  fc.record({
    tool_calls: fc.constant([{ index: 0, function: { arguments: '{"content":"a"}' } }]),
  }),
);
const more = fc.constantFrom<Record<string, unknown>>(
  {},
  { content: 'a' },
  { usage: { n: 1 } },
  { x: 'a' },
);
const text = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(delta, more).map(([d, m]) => JSON.stringify(frameOf(d, m))) },
  // The same characters in another spelling, with blanks, and what is no frame.
  fc.tuple(delta, more).map(([d, m]) => JSON.stringify(frameOf(d, m)).replaceAll('a', '\\u0061')),
  fc.tuple(delta, more).map(([d, m]) => JSON.stringify(frameOf(d, m), null, 1)),
  fc.constantFrom(
    '[DONE]',
    '',
    '{',
    '[]',
    '7',
    '{"choices":[]}',
    '{"choices":[{"delta":{"content":"',
  ),
);

test('reads every frame as JSON.parse does, whatever came before it', () => {
  const property = fc.property(fc.array(text, { maxLength: 12 }), (frames) => {
    const reader = new FrameReader();
    for (const data of frames) expect(reader.read(data)).toEqual(parsed(data));
  });
  fc.assert(property, { numRuns: 3_000 });
});

const said = fc.record({
  delta: fc.oneof(
    { weight: 3, arbitrary: delta },
    fc.record({ content: piece, role: fc.constant('assistant'), refusal: fc.constant(null) }),
    fc.record({ content: piece, refusal: fc.constantFrom('no', '') }),
    fc.record({ reasoning: piece, thinking: fc.constantFrom('hm', '') }),
    fc.record({ content: piece, reasoning_details: fc.constant([{ text: 'so' }]) }),
  ),
  index: fc.constantFrom(0, 0, 0, 1),
  inChoice: fc.constantFrom<Record<string, unknown>>(
    {},
    {},
    {},
    { logprobs: null },
    { usage: { prompt_tokens: 3, completion_tokens: 2 } },
    { message: { content: 'ab' } },
    { finish_reason: 'stop' },
  ),
  inFrame: fc.constantFrom<Record<string, unknown>>(
    {},
    {},
    { usage: null },
    { usage: { prompt_tokens: 1, completion_tokens: 1 } },
    { error: '' },
    { choices: [] },
  ),
});

test('a frame says the same, whether or not it is like the one before', () => {
  const property = fc.property(
    fc.array(said, { maxLength: 5 }),
    fc.integer({ min: 1, max: 4 }),
    (told, times) => {
      const all = told.flatMap((one) => Array.from({ length: times }, () => one));
      const write = (unlike: (at: number) => object) =>
        all.map(({ delta, index, inChoice, inFrame }, at) =>
          JSON.stringify({
            ...unlike(at),
            id: 'chatcmpl-1',
            choices: [{ index, delta, finish_reason: null, ...inChoice }],
            ...inFrame,
          }),
        );
      expect(partsOf(write(() => ({})))).toEqual(partsOf(write((at) => ({ unlike: at }))));
    },
  );
  fc.assert(property, { numRuns: 1_000 });
});

/** All parts of an answer, or the words of its failure. */
function partsOf(frames: readonly string[]): unknown {
  const decoder = new Decoder({
    toolNames: [],
    callsAllowed: true,
    leakedCalls: 'read',
    thinks: true,
    prices: undefined,
    redact: (text) => text,
    toOwn: (name) => name,
    isTaken: () => false,
    callCount: () => 0,
  });
  const told: unknown[] = [];
  try {
    for (const frame of frames) {
      decoder.event(frame);
      told.push(decoder.take());
    }
    void decoder.end()?.catch(() => undefined);
    return [...told, decoder.progress, decoder.take()];
  } catch (error) {
    return [...told, String(error)];
  }
}

test('takes no text of another place for the delta, though they say the same', () => {
  const reader = new FrameReader();
  const at = (other: string, said: string) =>
    `{"content":"${other}","choices":[{"delta":{"content":"${said}"}}]}`;
  for (const data of [at('a', '\\u0061'), at('b', '\\u0061'), at('a', 'a'), at('b', 'a')]) {
    expect(reader.read(data)).toEqual(parsed(data));
  }
});

test('parses as a whole only the first of frames that differ in their text', () => {
  const reader = new FrameReader();
  const first = reader.read(JSON.stringify(frameOf({ content: 'a' })));
  for (const content of ['b', 'two words', '"quoted"\n']) {
    const next = reader.read(JSON.stringify(frameOf({ content })));
    expect(next).toBe(first); // the same object, with another text in it
    expect(next).toEqual(frameOf({ content }));
  }
});

function parsed(data: string): unknown {
  try {
    const value = JSON.parse(data) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

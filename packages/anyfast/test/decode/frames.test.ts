import * as fc from 'fast-check';
import { expect, test } from 'vitest';
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

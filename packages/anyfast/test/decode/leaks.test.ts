import type { ModelPart } from '@throughline/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeakScanner } from '../../src/decode/leak-scanner.ts';
import { ask, modelAt, request } from '../support/ask.ts';
import { callDelta, frames, startEndpoint, stream } from '../support/endpoint.ts';
import { ended, leaked, leaks, quotations, section } from '../support/leaks.ts';

const bare = { prices: null, retry: { attempts: 1 } };

describe('native tokens make calls only where the template puts them', () => {
  test.each(quotations)('not %s, and the text stays as written', async (_name, text) => {
    const endpoint = await startEndpoint(
      ...[7, 1000].map((cut) => stream(ended({ content: text }), cut)),
    );
    for (let cut = 0; cut < 2; cut++) {
      expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject({ text, calls: [] });
    }
  });

  test.each(quotations)('not %s, beside a proper call', async (_name, text) => {
    const call = callDelta(0, { id: 'read:7', name: 'read', arguments: '{"city":"Oslo"}' });
    const endpoint = await startEndpoint(stream(ended({ content: text }, call), 7));
    const calls = [{ id: 'read:7', name: 'read', args: '{"city":"Oslo"}' }];
    expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject({ text, calls });
  });

  test.each(leaks)('$name', async ({ deltas, means }) => {
    const endpoint = await startEndpoint(...[7, 1000].map((cut) => stream(ended(...deltas), cut)));
    for (let cut = 0; cut < 2; cut++) {
      expect(await ask(modelAt(endpoint.baseURL, bare))).toMatchObject(means);
    }
  });
});

describe('leakedCalls says what such a call may do', () => {
  const text = `Hi.${section(leaked('functions.read:0', '{}'))}`;
  const partsWith = async (leakedCalls?: 'read' | 'all' | 'none'): Promise<ModelPart[]> => {
    const endpoint = await startEndpoint(stream(ended({ content: text })));
    const model = modelAt(endpoint.baseURL, { ...bare, leakedCalls });
    const parts: ModelPart[] = [];
    for await (const batch of model.stream(request(), new AbortController().signal)) {
      parts.push(...batch);
    }
    return parts.filter(({ type }) => type === 'call' || type === 'text');
  };

  test('by default core is told that it leaked, and runs it only for a read', async () => {
    const [, call] = await partsWith();
    expect(call).toMatchObject({ name: 'read', leaked: true });
  });

  test('with "all" it is a call as any other', async () => {
    const [, call] = await partsWith('all');
    expect(call).toMatchObject({ name: 'read' });
    expect(call).not.toHaveProperty('leaked');
  });

  test('with "none" it is text', async () => {
    expect(await partsWith('none')).toEqual([{ type: 'text', delta: text }]);
  });

  test('and nothing else', () => {
    expect(() => modelAt('http://localhost:1', { leakedCalls: 'write' as 'all' })).toThrow(
      /leakedCalls is "write".*"read", "all" or "none"/,
    );
  });
});

test('an answer that ends in the middle of a call is asked again', async () => {
  const cut = '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{"ci';
  const endpoint = await startEndpoint(stream(frames({ content: cut }, { finish_reason: 'stop' })));
  const parts: ModelPart[] = [];
  for await (const batch of modelAt(endpoint.baseURL).stream(
    request(),
    new AbortController().signal,
  )) {
    parts.push(...batch);
  }
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'stop', unsure: true });
});

describe('over random texts that quote, nest and cut native tokens', () => {
  const whole = fc.constantFrom(
    section(leaked('functions.read:0', '{"city":"x"}')),
    leaked('functions.rm:1', JSON.stringify({ path: leaked('functions.read:0', '{}') })),
    section(leaked('call_3', '{}'), leaked('functions.rm:2', '{"a":"\\"<|tool_call_end|>"}')),
  );
  const token = fc.constantFrom(
    '<|tool_calls_section_begin|>',
    '<|tool_calls_section_end|>',
    '<|tool_call_begin|>',
    '<|tool_call_argument_begin|>',
    '<|tool_call_end|>',
    '<|im_end|>',
    '<|im_user|>',
    '</think>',
    '<think>',
  );
  const piece = fc.oneof(
    whole,
    token,
    fc.constantFrom('`', '```', '\n```\n', '\n~~~\n', '\n', '\n\n', '"', '\\', '{', '}', '> ', ' '),
    fc.constantFrom('functions.read:0', 'rm:3', '{"city":"', '<', '<|tool', '<code>', '</code>'),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  const text = fc
    .tuple(fc.array(piece, { maxLength: 14 }), fc.nat(30))
    .map(([pieces, cut]) => pieces.join('').slice(0, -cut || undefined));

  test('text and calls together are what was written, however it is cut', () => {
    const property = fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (written, cuts) => {
      const read = scan([written]);
      expect(scan(cutAt(written, cuts))).toEqual(read);
      expect(scan([...written])).toEqual(read);
      // What is no text is an end in which nothing but calls, tokens and white space stands, or a template's own token.
      if (read.dropped || read.reasoning !== '' || /^\s*<\/?think>/.test(written)) {
        return;
      }
      expect(written.startsWith(read.text)).toBe(true);
      const tail = written.slice(read.text.length);
      if (read.calls.length === 0) expect(tail).toBe('');
      else expect(tail).toMatch(/^\S*\s*<\|tool_call[\s\S]*<\|tool_call_end\|>(\s|<\|\w+\|>)*$/);
    });
    fc.assert(property, { numRuns: 3_000 });
  });

  test('nothing is a call inside of code that is not closed', () => {
    const open = fc.constantFrom('```\n', '~~~\n', '`` ', '<pre>');
    const property = fc.property(open, whole, (mark, calls) => {
      expect(scan([`Look: \n${mark}${calls}`])).toMatchObject({ calls: [] });
    });
    fc.assert(property, { numRuns: 200 });
  });
});

function scan(pieces: readonly string[]) {
  let reasoning = '';
  let told = '';
  const sink = {
    text: (delta: string) => void (told += delta),
    reasoning: (delta: string) => void (reasoning += delta),
  };
  const scanner = new LeakScanner(sink, {
    toolNames: ['read', 'rm'],
    takesCalls: true,
    thinks: true,
    hasReasoning: () => false,
  });
  for (const piece of pieces) scanner.push(piece);
  scanner.end();
  return { text: told, reasoning, calls: scanner.calls, dropped: scanner.droppedTokens };
}

function cutAt(text: string, places: readonly number[]): readonly string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, at) => text.slice(ends[at - 1] ?? 0, end));
}

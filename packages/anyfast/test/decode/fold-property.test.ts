import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask, modelAt } from '../support/ask.ts';
import { callDelta, frames } from '../support/endpoint.ts';

const delta = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => ({ reasoning_content: text })),
  fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => ({ content: text })),
  fc
    .constantFrom('<', '<|', '<|tool_call', '</think>', '<|im_end|>', '<think>')
    .map((text) => ({ content: text })),
  fc
    .record({ index: fc.nat(2), args: fc.json() })
    .map(({ index, args }) => callDelta(index, { name: 'read', arguments: args })),
  fc.constant({
    content: '<|tool_call_begin|>functions.read:0<|tool_call_argument_begin|>{}<|tool_call_end|>',
  }),
);
const keepAlive = fc.constantFrom(': PING\n\n', ':\n', ': \r\n\r\n');

/** A `fetch` that answers with these pieces, each its own chunk. */
function pieces(chunks: readonly Uint8Array[]): () => Promise<Response> {
  return async () => {
    const left = [...chunks];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = left.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

test('any stream, cut anywhere and with keep-alives anywhere, gives the same answer', async () => {
  const property = fc.asyncProperty(
    fc.array(delta, { maxLength: 12 }),
    fc.array(fc.tuple(fc.nat(12), keepAlive), { maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 30 }),
    async (deltas, alive, cuts) => {
      const plain = deltas.map((one) => frames(one));
      const ended = frames({ finish_reason: 'stop' }, '[DONE]');
      const mixed = plain.map(
        (frame, at) =>
          alive
            .filter(([place]) => place === at)
            .map(([, text]) => text)
            .join('') + frame,
      );
      const read = (chunks: readonly Uint8Array[]): Promise<unknown> =>
        ask(modelAt('http://localhost:1', { fetch: pieces(chunks) }));
      const expected = await read([Buffer.from(plain.join('') + ended)]);
      expect(await read(cutAt(Buffer.from(mixed.join('') + ended), cuts))).toEqual(expected);
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/answer/assemble.ts';
import type { Assembled, Told } from '../../src/answer/assemble.ts';
import type { FinishReason, ModelPart, RunEvent } from '../../src/index.ts';
import { callPart, finished } from '../support/model.ts';

async function* inBatches(batches: readonly (readonly ModelPart[])[]) {
  yield* batches;
}

async function assembled(
  batches: readonly (readonly ModelPart[])[],
  closed: string[] = [],
): Promise<{ answer: Told & Omit<Assembled, 'told'>; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const { told, ...more } = await assemble(inBatches(batches), {
    runId: 'run',
    step: 1,
    sink: { wants: () => true, emit: (event) => events.push(event) },
    signal: new AbortController().signal,
    onClosed: (_index, call) => closed.push(call.arguments),
  });
  return { answer: { ...told, ...more }, events };
}

/** Any text, also with halves of surrogate pairs at its ends once it is cut. */
const text = fc.string({ unit: 'binary', maxLength: 30 });

const call = fc.record({
  id: fc.string({ maxLength: 8 }),
  name: fc.constantFrom('add', 'read', ''),
  arguments: fc.oneof(
    fc.json(),
    text,
    fc.constantFrom('', '{}', '{"a":1}', '{"a":', '"{\\"a\\":1}"', '{"a":"\n"}'),
  ),
});

const answer = fc.record({
  reasoning: text,
  text,
  calls: fc.array(call, { maxLength: 4 }),
  finish: fc.constantFrom('stop', 'tool_calls', 'length', 'content_filter'),
});

type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

/** Cuts a text at places that the numbers choose. */
function pieces(whole: string, cuts: readonly number[]): readonly string[] {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  const bounds = [0, ...places, whole.length];
  return bounds.slice(1).map((end, at) => whole.slice(bounds[at], end));
}

function callPieces(
  index: number,
  { id, name, arguments: whole }: Answer['calls'][number],
  cuts: readonly number[],
): readonly ModelPart[] {
  return pieces(whole, cuts).map((delta, at) =>
    at === 0 ? { type: 'call', index, id, name, delta } : { type: 'call', index, delta },
  );
}

function inOrder(
  { reasoning, text, calls, finish }: Answer,
  cuts: readonly number[],
): readonly ModelPart[] {
  return [
    ...pieces(reasoning, cuts).map((delta) => ({ type: 'reasoning' as const, delta })),
    ...pieces(text, cuts).map((delta) => ({ type: 'text' as const, delta })),
    ...calls.flatMap((one, index) => callPieces(index, one, cuts)),
    { type: 'finish', reason: finish },
  ];
}

/** Deals the parts out to batches, some of them empty. */
function batched(
  parts: readonly ModelPart[],
  sizes: readonly number[],
): readonly (readonly ModelPart[])[] {
  const batches: (readonly ModelPart[])[] = [];
  let from = 0;
  for (let at = 0; from < parts.length; at++) {
    const size = (sizes[at % sizes.length] ?? 1) % 5;
    batches.push(parts.slice(from, from + size));
    from += size;
    if (at > 1_000) return [...batches, parts.slice(from)];
  }
  return batches;
}

const cuts = fc.array(fc.nat(40), { maxLength: 6 });
const sizes = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 });

describe('an answer is put together the same', () => {
  it('however its parts are cut and batched', async () => {
    await fc.assert(
      fc.asyncProperty(answer, cuts, sizes, async (one, cuts, sizes) => {
        const whole = await assembled([inOrder(one, [])]);
        const cut = await assembled(batched(inOrder(one, cuts), sizes));
        expect(cut.answer).toEqual(whole.answer);
        const shown = { text: '', reasoning: '' };
        for (const event of cut.events) {
          if (event.type === 'text.delta') shown.text += event.delta;
          if (event.type === 'reasoning.delta') shown.reasoning += event.delta;
        }
        expect(shown).toEqual({ text: one.text, reasoning: one.reasoning });
      }),
      { numRuns: 300 },
    );
  });

  it('and what is shown of one batch comes in the order it was written', async () => {
    const part = (type: 'reasoning' | 'text', delta: string): ModelPart => ({ type, delta });
    const { events } = await assembled([
      [
        part('reasoning', 'Think'),
        part('reasoning', ' first.'),
        part('text', 'Then say.'),
        { type: 'call', index: 0, id: 'a', name: 'add', delta: '{}' },
        part('text', 'More.'),
        { type: 'finish', reason: 'tool_calls' },
      ],
    ]);
    const shown = events.flatMap((event) =>
      'delta' in event ? [`${event.type} ${event.delta}`] : [],
    );
    expect(shown).toEqual([
      'reasoning.delta Think first.',
      'text.delta Then say.',
      'call.delta {}',
      'text.delta More.',
    ]);
  });

  it('however its calls are written in turns', async () => {
    await fc.assert(
      fc.asyncProperty(
        answer,
        cuts,
        fc.array(fc.nat(), { maxLength: 40 }),
        async (one, cuts, turns) => {
          const finish = one.finish === 'length' ? 'stop' : one.finish;
          const whole = await assembled([inOrder({ ...one, finish }, [])]);
          const queues = one.calls.map((each, index) => [...callPieces(index, each, cuts)]);
          const texts = inOrder({ ...one, calls: [], finish }, cuts);
          const parts: ModelPart[] = texts.slice(0, -1);
          for (let at = 0; queues.some((queue) => queue.length > 0); at++) {
            const open = queues.filter((queue) => queue.length > 0);
            const next = open[(turns[at] ?? at) % open.length]?.shift();
            if (next !== undefined) parts.push(next);
          }
          const mixed = await assembled([[...parts, { type: 'finish', reason: finish }]]);
          expect(mixed.answer).toEqual(whole.answer);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('and its calls always have an id each of their own and JSON that can be read', async () => {
    await fc.assert(
      fc.asyncProperty(answer, cuts, async (one, cuts) => {
        const { answer } = await assembled([inOrder(one, cuts)]);
        const calls = answer.message.tool_calls ?? [];
        expect(calls).toHaveLength(one.calls.length);
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
        for (const [at, { id, function: named }] of calls.entries()) {
          expect(id).not.toBe('');
          const stored = JSON.parse(named.arguments) as unknown;
          expect(typeof stored === 'object' && stored !== null && !Array.isArray(stored)).toBe(
            true,
          );
          const written = one.calls[at]?.arguments;
          const broken = answer.broken?.[at + 1];
          const doubt = answer.doubts?.[at + 1];
          if (broken !== undefined) expect([broken, named.arguments]).toEqual([written, '{}']);
          if (doubt === undefined) expect(broken).toBeUndefined();
          else if (one.finish !== 'length') expect(broken).toBeDefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('and nothing it closed early differs from the finished call, when calls come one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(answer, cuts, async (one, cuts) => {
        const closed: string[] = [];
        await assembled([inOrder(one, cuts)], closed);
        const all = one.calls.map((each) => each.arguments);
        const whole = one.finish === 'stop' || one.finish === 'tool_calls';
        expect(closed).toEqual(whole ? all : all.slice(0, -1));
      }),
      { numRuns: 200 },
    );
  });
});

describe('an answer that is not whole', () => {
  it('is none: nothing of it can be run', async () => {
    const part: ModelPart = { type: 'call', index: 0, id: 'a', name: 'read', delta: '{}' };
    await expect(assembled([[part]])).rejects.toMatchObject({ code: 'incomplete_answer' });
  });

  it('by the endpoint’s silence about its end runs no call, however whole it looks', async () => {
    const part: ModelPart = { type: 'call', index: 0, id: 'a', name: 'read', delta: '{}' };
    const { answer } = await assembled([[part, { type: 'finish', reason: 'stop', unsure: true }]]);
    expect(answer.doubts).toEqual({ 1: 'the endpoint did not say that the answer was whole' });
  });
});

describe('what a transport says of an answer counts, however it says it', () => {
  const end = (reason: FinishReason) => ({ type: 'finish', reason }) as const;

  it('the graver of two reasons stands', async () => {
    const cut = callPart(0, 'add', '');
    for (const reasons of [
      ['length', 'stop'],
      ['stop', 'length'],
    ] as const) {
      const { answer } = await assembled([[cut, ...reasons.map(end)]]);
      expect(answer).toMatchObject({
        finishReason: 'length',
        doubts: { 1: expect.stringMatching(/token limit/) },
      });
    }
  });

  it('an invented reason is none', async () => {
    const invented = end('error' as FinishReason);
    await expect(assembled([[invented]])).rejects.toMatchObject({ code: 'incomplete_answer' });
  });

  it('a doubt of a call stands in the answer, whatever part of the call told it', async () => {
    const told = [
      callPart(0, 'add', '{"a"'),
      { ...callPart(0, '', ':1}'), doubt: 'its name changed' },
    ];
    const { answer } = await assembled([[...told, callPart(1, 'add', '{}'), end('tool_calls')]]);
    expect(answer.doubts).toEqual({ 1: 'its name changed' });
  });

  it('leaked calls are listed by their place', async () => {
    const leaked = { ...callPart(1, 'add', '{}'), leaked: true } as const;
    const { answer } = await assembled([[callPart(0, 'add', '{}'), leaked, end('tool_calls')]]);
    expect(answer.leaked).toEqual([2]);
  });

  it('an answer with more calls than are taken is refused at the first one too many', async () => {
    const calls = Array.from({ length: 25_000 }, (_, at) => callPart(at, 'add', '{}'));
    await expect(assembled([[...calls, finished]])).rejects.toMatchObject({
      code: 'answer_too_large',
      retryable: true,
    });
  });
});

import { describe, expect, test } from 'vitest';
import { faults, type FaultUse, type Simulator } from '../../src/index.ts';
import { ask, assemble, body, errorOf, start, streamed } from '../support.ts';

const answers = [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }];
const question = (n: number): object => streamed({ messages: [{ role: 'user', content: `${n}` }] });

async function statuses(simulator: Simulator, count: number): Promise<(number | undefined)[]> {
  const found = [];
  for (let n = 0; n < count; n += 1) found.push((await ask(simulator, question(n))).status);
  return found;
}

describe('a fault fires', () => {
  const always = (): { text: string } => ({ text: 'Yes.' });
  const uses: readonly [about: string, use: FaultUse, expected: readonly number[]][] = [
    ['once by its name alone', 'upstream-unavailable', [503, 200, 200, 200]],
    ['so many times', { fault: 'upstream-unavailable', times: 2 }, [503, 503, 200, 200]],
    ['after so many requests', { fault: 'upstream-unavailable', after: 2 }, [200, 200, 503, 200]],
    [
      'never, if its times are none',
      { fault: 'upstream-unavailable', times: 0 },
      [200, 200, 200, 200],
    ],
    [
      'always, if its chance is certain',
      { fault: 'upstream-unavailable', probability: 1 },
      [503, 503, 503, 503],
    ],
  ];
  test.each(uses)('%s', async (_, use, expected) => {
    const simulator = await start({ script: always, faults: [use] });
    expect(await statuses(simulator, 4)).toEqual(expected);
  });

  test('by chance in the same places for the same seed, and in others for another', async () => {
    const run = async (seed: number): Promise<string> => {
      const faults = [{ fault: 'upstream-unavailable', probability: 0.4 } as const];
      return (await statuses(await start({ script: always, faults, seed }), 30)).join();
    };
    const first = await run(7);
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
    expect(first).toContain('503');
  });

  test('one after the other if several would refuse, and together if they fit together', async () => {
    const faults = ['upstream-unavailable', 'gateway-saturated', 'crlf', 'ids-uuid'] as const;
    const calls = [{ name: 'get_weather', arguments: {} }];
    const simulator = await start({ script: [{ calls }], faults });
    expect(await statuses(simulator, 3)).toEqual([503, 429, 200]);
    expect(simulator.requests.map((request) => request.faults)).toEqual([
      ['upstream-unavailable'],
      ['gateway-saturated'],
      ['crlf', 'ids-uuid'],
    ]);
  });

  test('at the first answer it fits, not at one it does not', async () => {
    const script = [
      { text: 'No call.' },
      { calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] },
    ];
    const simulator = await start({ script, faults: ['arguments-truncated'] });
    await statuses(simulator, 2);
    expect(simulator.requests.map((request) => request.faults)).toEqual([
      [],
      ['arguments-truncated'],
    ]);
  });

  test('on its own answer, if the answer asks for it', async () => {
    const script = [
      { text: 'One.' },
      { text: 'Two.', faults: ['upstream-overloaded', 'crlf'] as const },
    ];
    const simulator = await start({ script });
    expect(await statuses(simulator, 3)).toEqual([200, 429, 200]);
    expect(simulator.requests.map((request) => request.faults)).toEqual([
      [],
      ['upstream-overloaded'],
      ['crlf'],
    ]);
  });

  test('with the wait it is given, as seconds, as a date, or with none', async () => {
    const date = new Date(Date.now() + 5000).toUTCString();
    const waits = [undefined, 3, date, false] as const;
    const faults = waits.map(
      (retryAfter) => ({ fault: 'upstream-overloaded', retryAfter }) as const,
    );
    const simulator = await start({ faults });
    const headers = [];
    for (let n = 0; n < 4; n += 1)
      headers.push((await ask(simulator, question(n))).headers.get('retry-after'));
    expect(headers).toEqual(['1', '3', date, null]);
    expect(simulator.requests[1]?.retryAfterMs).toBe(3000);
    expect(simulator.requests[2]?.retryAfterMs).toBeGreaterThan(3000);
  });

  test('not on a request that is refused anyway', async () => {
    const simulator = await start({ script: [{ text: 'Yes.' }], faults: ['upstream-unavailable'] });
    expect((await ask(simulator, body({ messages: [] }))).status).toBe(400);
    expect((await ask(simulator, body())).status).toBe(503);
  });
});

describe('a script', () => {
  test('loses no answer to faults, whether they refuse, cut or leave the answer empty', async () => {
    const faults = [
      'upstream-unavailable',
      'cut-before-headers',
      'cut-in-text',
      'empty-answer',
      'error-in-stream',
    ] as const;
    const simulator = await start({ script: answers, faults });
    for (let n = 0; n < 5; n += 1) await ask(simulator, question(0));
    const told = [];
    for (let n = 0; n < 3; n += 1)
      told.push(assemble((await ask(simulator, question(n))).text).content);
    expect(told).toEqual(['One.', 'Two.', 'Three.']);
    expect(simulator.requests.map(({ answer }) => answer)).toEqual([
      undefined,
      undefined,
      0,
      0,
      0,
      0,
      1,
      2,
    ]);
  });

  // What one breaks, the other takes away: the calls are text, or the stream is one body of JSON.
  test.each(
    faults
      .filter(
        ({ kind, name }) => kind === 'socket' && /^(cut|reset|done)-(?!before-headers)/.test(name),
      )
      .flatMap(({ name }) =>
        (['leak-in-content', 'json-for-stream'] as const).map((other) => [name, other] as const),
      ),
  )(
    'serves no answer twice that came whole although %s and %s were due on it',
    async (one, other) => {
      const calls = [{ name: 'get_weather', arguments: { city: 'Paris' } }];
      const script = [1, 2, 3].map((n) => ({ reasoning: 'So.', text: `Answer ${n}.`, calls }));
      const simulator = await start({ script, faults: [other, one] });
      const served: string[] = [];
      for (let n = 0; served.length < 3 && n < 6; n += 1) {
        const { text, broken } = await ask(simulator, question(served.length));
        const whole = broken === undefined && /"finish_reason":"(stop|tool_calls)"/.test(text);
        const said = /Answer \d/.exec(text.startsWith('{') ? text : assemble(text).content)?.[0];
        if (whole) served.push(said ?? '');
      }
      expect(served).toEqual(['Answer 1', 'Answer 2', 'Answer 3']);
      expect(new Set(simulator.requests.flatMap((request) => request.faults))).toEqual(
        new Set([one, other]),
      );
    },
  );

  test('starts again at its end with loop, its faults as well', async () => {
    const script = [{ text: 'One.', faults: ['upstream-unavailable' as const] }, { text: 'Two.' }];
    const simulator = await start({ script, loop: true });
    expect(await statuses(simulator, 7)).toEqual([503, 200, 200, 503, 200, 200, 503]);
    expect(simulator.requests.map(({ answer }) => answer)).toEqual([
      undefined,
      0,
      1,
      undefined,
      0,
      1,
      undefined,
    ]);
  });

  test('gives the answer a client left half-way to the same bytes, and the next to others', async () => {
    const slow = { text: 'x'.repeat(40), pieceDelayMs: 20 };
    const simulator = await start({ script: [slow, { text: 'Two.' }] });
    const left = await ask(simulator, question(1), { signal: AbortSignal.timeout(50) });
    expect(left.broken).toBeDefined();
    expect(assemble((await ask(simulator, question(2))).text).content).toBe('Two.');
    expect(assemble((await ask(simulator, question(1))).text).content).toBe(slow.text);
  });

  test('gives an answer that could be doubted to the same bytes again, and the next to others', async () => {
    const simulator = await start({ script: answers, faults: ['no-done'] });
    const told = [];
    for (const n of [1, 1, 2])
      told.push(assemble((await ask(simulator, question(n))).text).content);
    expect(told).toEqual(['One.', 'One.', 'Two.']);
  });

  test('that is used up fails loudly, with a code no client asks again after', async () => {
    const simulator = await start({ script: [{ text: 'One.' }] });
    await ask(simulator, question(1));
    const reply = await ask(simulator, question(2));
    expect(reply.status).toBe(500);
    expect(errorOf(reply)).toEqual({
      message:
        'The script has no answer for request number 2: it holds 1. Add answers, or set loop (--loop) to start it again at its end.',
      type: 'simulator_error',
      param: '',
      code: 'invalid_request',
    });
  });

  test('may be a function of the request, and of how many answers were taken', async () => {
    const simulator = await start({
      faults: ['cut-in-text'],
      script: async ({ messages }, { index }) => ({
        text: `${index}: ${String(messages[0]?.content)}`,
      }),
    });
    await ask(simulator, question(7));
    const told = [];
    for (const n of [7, 8]) told.push(assemble((await ask(simulator, question(n))).text).content);
    expect(told).toEqual(['0: 7', '1: 8']);
  });

  test('that throws, or gives nothing, says so in the error', async () => {
    const script = (_: unknown, { index }: { index: number }): { text: string } => {
      if (index === 0) throw new Error('The third tool is missing.');
      return undefined as unknown as { text: string };
    };
    const simulator = await start({ script });
    expect(errorOf(await ask(simulator, question(1)))['message']).toBe(
      'The third tool is missing.',
    );
    expect(errorOf(await ask(simulator, question(2)))['message']).toBe(
      'The script gave no answer to request number 2. Its function must return one, such as { text: "Hello." }.',
    );
  });

  test('sends arguments that are a text as they are, and ids as they are given', async () => {
    const calls = [{ name: 'get_weather', arguments: '{"city": ', id: 'mine' }];
    const simulator = await start({ script: [{ calls, finishReason: 'stop' }] });
    const whole = assemble((await ask(simulator, question(1))).text);
    expect(whole).toMatchObject({
      calls: [{ id: 'mine', arguments: '{"city": ' }],
      finish: 'stop',
    });
  });

  test('may answer requests that overlap, each from its own place', async () => {
    const script = Array.from({ length: 20 }, (_, n) => ({ text: `${n}`, delayMs: 10 }));
    const simulator = await start({ script });
    const replies = await Promise.all(script.map((_, n) => ask(simulator, question(n))));
    const told = replies.map(({ text }) => Number(assemble(text).content)).sort((a, b) => a - b);
    expect(told).toEqual(script.map((_, n) => n));
  });
});

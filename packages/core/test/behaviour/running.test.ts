import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as z3 from 'zod3';
import { compact, inProcess, limit, tool, ToolError } from '../../src/index.ts';
import type { AgentOptions, CallScope, Content, EventOf, Message, Tool } from '../../src/index.ts';
import { Agent } from '../support/agent.ts';
import { fakeModel } from '../support/model.ts';
import { expectPaired } from '../support/pairing.ts';
import { anyTool, eventsOf, never, resultsOf, sleep } from '../support/tools.ts';

/** One call of the tool: what the model reads of it, and how it ended. */
async function one(made: Tool<unknown>, input: unknown = {}) {
  const model = fakeModel({ calls: [[made.name, input]] }, { text: 'ok' });
  const run = new Agent({ model, tools: [made] }).stream('go');
  const events = await eventsOf(run);
  const end = events.find((event): event is EventOf<'call.end'> => event.type === 'call.end');
  expectPaired(run.messages);
  return { words: resultsOf(run.messages)[0], outcome: end?.outcome, output: end?.output, events };
}

const giving = (value: unknown) => anyTool('give', 'write', () => value);
const throwing = (thrown: unknown) =>
  anyTool('throw', 'write', () => {
    throw thrown;
  });

describe('what a tool returns', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const trap = {
    get secret() {
      throw new Error('do not look');
    },
  };
  it.each([
    ['text, as it is', 'a\n"b"', 'ok', 'a\n"b"'],
    ['an object, as JSON', { a: [1, null] }, 'ok', '{"a":[1,null]}'],
    ['null', null, 'ok', 'null'],
    ['undefined', undefined, 'ok', 'Done. The tool returned nothing.'],
    ['an empty text', '', 'ok', 'Done. The tool returned an empty text.'],
    ['a date', new Date(0), 'ok', '"1970-01-01T00:00:00.000Z"'],
    [
      'an object with a key __proto__',
      JSON.parse('{"__proto__":{"a":1}}'),
      'ok',
      '{"__proto__":{"a":1}}',
    ],
    ['a cyclic object', cyclic, 'failed', /its result cannot be shown: Converting circular/],
    ['a BigInt', 1n, 'failed', /its result cannot be shown: .*BigInt/],
    ['a BigInt inside', { a: [1n] }, 'failed', /its result cannot be shown: .*BigInt/],
    ['a function', () => 1, 'failed', /its result cannot be shown: a function is not JSON/],
    ['a symbol', Symbol('s'), 'failed', /its result cannot be shown: a symbol is not JSON/],
    ['a Map', new Map([[1, 2]]), 'failed', /its result cannot be shown: a Map is not JSON/],
    ['a Set', new Set([1]), 'failed', /its result cannot be shown: a Set is not JSON/],
    ['an Error', new Error('no such order'), 'failed', /which a tool throws: no such order/],
    [
      'an Error inside',
      { ok: false, error: new TypeError('no') },
      'ok',
      '{"ok":false,"error":{"name":"TypeError","message":"no"}}',
    ],
    ['a Response', new Response('x'), 'failed', /a Response is not JSON; read it into text first/],
    [
      'a Response inside',
      { page: new Response('x') },
      'failed',
      /a Response \("page"\) is not JSON/,
    ],
    ['an ArrayBuffer', new ArrayBuffer(3), 'failed', /an? ArrayBuffer is not JSON/],
    ['bytes', new Uint8Array([1, 2]), 'failed', /a Uint8Array is not JSON/],
    [
      'bytes inside',
      { file: new Uint8Array([1, 2]) },
      'failed',
      /a Uint8Array \("file"\) is not JSON/,
    ],
    ['a RegExp', /x/, 'failed', /a RegExp is not JSON/],
    ['an empty object', {}, 'ok', '{}'],
    ['half a surrogate pair', 'a\ud83db', 'ok', 'a\ufffdb'],
    ['half a surrogate pair inside', { a: ['\udc00'] }, 'ok', '{"a":["\ufffd"]}'],
    ['a backslash before ud83d', { a: '\\ud83d' }, 'ok', '{"a":"\\\\ud83d"}'],
    ['an object whose getter throws', trap, 'failed', /its result cannot be shown: do not look/],
  ])('is told to the model: %s', async (_name, value, outcome, words) => {
    const told = await one(giving(value));
    expect(told.outcome).toBe(outcome);
    expect(told.words).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });

  it('may be pictures, sent as the endpoint takes them', async () => {
    const parts: Content = [
      { type: 'text', text: 'The map:' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    expect((await one(giving(parts))).words).toEqual(parts);
  });

  const picture = (url: string): Content => [{ type: 'image_url', image_url: { url } }];
  it.each<[string, unknown, unknown]>([
    [
      'a picture at a public address',
      picture('https://example.com/a.png'),
      /^\[The tool returned a image at https:[/][/]example[.]com[/]a[.]png[.] It is not shown/,
    ],
    [
      'a picture of a format that the endpoint refuses',
      picture('data:image/svg+xml;base64,PHN2Zy8+'),
      /of the format image[/]svg\+xml/,
    ],
    ['a picture without base64', picture('data:image/png,abc'), /It is not shown/],
    ['a picture without bytes', picture('data:image/png;base64,'), /It is not shown/],
  ])(
    'is told in words where the endpoint would refuse it with every later request: %s',
    async (_name, value, words) => {
      expect((await one(giving(value))).words).toEqual([
        { type: 'text', text: expect.stringMatching(words as RegExp) as string },
      ]);
    },
  );

  it('loses an empty part, and is an empty text where no other is left', async () => {
    const empty = { type: 'text', text: '' };
    expect((await one(giving([empty, { type: 'text', text: 'a' }]))).words).toEqual([
      { type: 'text', text: 'a' },
    ]);
    expect((await one(giving([empty]))).words).toBe('Done. The tool returned an empty text.');
  });

  it('may be the parts of an MCP result', async () => {
    const parts = [
      { type: 'text', text: 'The map:', annotations: {} },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    ];
    expect((await one(giving(parts))).words).toEqual([
      { type: 'text', text: 'The map:' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ]);
  });

  it.each([
    [[{ type: 'text', text: 'a', id: 7 }]],
    [[{ type: 'text', text: 7 }]],
    [[{ type: 'image_url', image_url: 'x' }]],
    [[{ type: 'text', text: 'a' }, null]],
  ])('is told as JSON where it only looks like parts: %j', async (rows) => {
    expect((await one(giving(rows))).words).toBe(JSON.stringify(rows));
  });

  it('loses its middle when it is 50 MB, and says how much and what to do', async () => {
    const text = `head${'x'.repeat(50_000_000)}tail`;
    const { words } = await one(giving(text));
    expect(String(words).length).toBeLessThan(50_300);
    expect(words).toMatch(/^headx+\n\[… 49950008 of 50000008 characters were cut out here/);
    expect(words).toMatch(/call again for a smaller part. …\]\nx+tail$/);
  });

  it('keeps pairs whole where it is cut', async () => {
    const made = tool({
      name: 'emoji',
      description: 'Gives threads.',
      inputSchema: { type: 'object' },
      maxResultChars: 11,
      execute: () => '🧵'.repeat(40),
    });
    expect((await one(made)).words).toMatch(/^(🧵)+\n\[… .* …\]\n(🧵)+$/u);
  });

  it('is bounded over all its parts together', async () => {
    const parts = Array.from({ length: 10 }, () => ({ type: 'text', text: 'y'.repeat(40_000) }));
    const { words } = await one(giving(parts));
    expect(JSON.stringify(words).length).toBeLessThan(55_000);
  });
});

describe('an outputSchema', () => {
  const asked = (
    execute: () => never | { n: string },
    outputSchema: z.ZodType<{ n: number }, { n: string }>,
  ) =>
    tool({
      name: 'give',
      description: 'Gives.',
      inputSchema: { type: 'object' },
      outputSchema,
      execute,
    });
  const schema = z.object({ n: z.string().transform(Number) });

  it('makes the value that is told', async () => {
    expect((await one(asked(() => ({ n: '7' }), schema))).words).toBe('{"n":7}');
  });

  it('keeps what does not fit from the model, and says where', async () => {
    const { words, outcome } = await one(asked(() => ({ n: 7 }) as never, schema));
    expect(outcome).toBe('failed');
    expect(words).toMatch(/ran, but its result does not fit its own output schema.*\n- n: /);
  });

  it('that never settles is given up with the tool’s time', async () => {
    const made = tool({
      name: 'give',
      description: 'Gives.',
      inputSchema: { type: 'object' },
      outputSchema: z.object({ n: z.string() }).refine(() => never),
      timeoutMs: 20,
      execute: () => ({ n: 'x' }),
    });
    expect((await one(made)).outcome).toBe('timeout');
  });
});

describe('toModel', () => {
  const sink = (toModel: (output: unknown) => Content, value: unknown = { id: 7 }) =>
    tool({
      name: 'give',
      description: 'Gives.',
      inputSchema: { type: 'object' },
      execute: () => value,
      toModel,
    });

  it('chooses the words, while the host gets the value', async () => {
    const told = await one(sink(() => 'Found it.'));
    expect(told).toMatchObject({ words: 'Found it.', output: { id: 7 }, outcome: 'ok' });
  });

  it('may put into words what is no JSON; then the host gets none', async () => {
    const told = await one(sink((output) => String(output), 12n));
    expect(told).toMatchObject({ words: '12', outcome: 'ok', output: undefined });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no words');
      },
      /cannot be shown: no words/,
    ],
    [
      'gives a number',
      () => 7 as never,
      /cannot be shown: toModel returned a value of type number/,
    ],
    [
      'gives a promise',
      () => Promise.resolve('x') as never,
      /cannot be shown: toModel returned a promise/,
    ],
  ])('that %s is a failure, told to the model', async (_how, toModel, words) => {
    const told = await one(sink(toModel));
    expect(told.outcome).toBe('failed');
    expect(told.words).toMatch(words);
  });

  it.each([['', []]])('that gives nothing is told as an empty text', async (...empty) => {
    for (const content of empty) {
      expect((await one(sink(() => content))).words).toBe('Done. The tool returned an empty text.');
    }
  });
});

describe('what a tool throws', () => {
  const nothing = Object.create(null) as unknown;
  const secretive = new Error('x');
  Object.defineProperty(secretive, 'message', {
    get: () => {
      throw new Error('trap');
    },
  });
  const trap = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error('looked at');
      },
    },
  );
  it.each([
    [
      'an error: its message without its stack',
      new TypeError('bad disk'),
      'The tool "throw" failed: bad disk',
    ],
    [
      'a ToolError: its very words',
      new ToolError('Ask for another order.'),
      'Ask for another order.',
    ],
    ['a string', 'plain words', 'The tool "throw" failed: plain words'],
    ['undefined', undefined, 'The tool "throw" failed: undefined'],
    [
      'an object without a prototype',
      nothing,
      'The tool "throw" failed: a value was thrown that has no message',
    ],
    [
      'an error with a trap for a message',
      secretive,
      'The tool "throw" failed: a value was thrown that has no message',
    ],
    ['a proxy that throws when it is looked at', trap, 'The tool "throw" failed: looked at'],
    ['an error without a message', new RangeError(), 'The tool "throw" failed: RangeError'],
    [
      'an AbortError of its own',
      new DOMException('gone', 'AbortError'),
      'The tool "throw" failed: gone',
    ],
  ])('is told to the model: %s', async (_name, thrown, words) => {
    expect(await one(throwing(thrown))).toMatchObject({ outcome: 'failed', words });
  });

  it('is bounded like a result', async () => {
    const { words } = await one(throwing(new ToolError('z'.repeat(10_000_000))));
    expect(String(words).length).toBeLessThan(50_300);
  });
});

describe('a generator', () => {
  it('tells progress by what it yields, as it was then, and its value by what it returns', async () => {
    const made = anyTool('steps', 'write', async function* () {
      const state = { done: 0 };
      yield state;
      state.done = 1;
      yield state;
      return 'finished';
    });
    const model = fakeModel({ calls: [['steps', {}]] }, { text: 'ok' });
    const run = new Agent({ model, tools: [made] }).stream('go');
    const seen: unknown[] = [];
    run.on('call.progress', ({ progress, callId, step, call }) =>
      seen.push([progress, callId, step, call]),
    );
    expect(resultsOf((await run.result).messages)).toEqual(['finished']);
    expect(seen).toEqual([
      [{ done: 0 }, 'steps:0', 1, 1],
      [{ done: 1 }, 'steps:0', 1, 1],
    ]);
  });

  it.each([
    [
      'not async',
      function* () {
        yield 1;
        return 'value';
      },
    ],
    [
      'behind a promise',
      async () =>
        (async function* () {
          yield 1;
          return 'value';
        })(),
    ],
  ])('that is %s works as well', async (_how, execute) => {
    const { words, events } = await one(anyTool('steps', 'write', execute));
    expect(words).toBe('value');
    expect(events.filter(({ type }) => type === 'call.progress')).toMatchObject([{ progress: 1 }]);
  });

  it('that yields what is no JSON goes on; the host is warned', async () => {
    const { words, events } = await one(
      anyTool('steps', 'write', async function* () {
        yield 1n;
        return 'value';
      }),
    );
    expect(words).toBe('value');
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { message: expect.stringMatching(/^The tool "steps" told progress that cannot be shown/) },
    ]);
  });

  it('that fails after it began is a failed call', async () => {
    const { words } = await one(
      anyTool('steps', 'write', async function* () {
        yield 1;
        throw new Error('half way');
      }),
    );
    expect(words).toBe('The tool "steps" failed: half way');
  });

  it.each(['without a pause', 'with pauses'])(
    'that yields for ever %s is stopped by its time, and cleans up',
    async (how) => {
      let cleaned = false;
      const made = tool({
        name: 'endless',
        description: 'Never ends.',
        inputSchema: { type: 'object' },
        timeoutMs: 40,
        async *execute() {
          try {
            for (;;) {
              yield 'x';
              if (how === 'with pauses') await sleep(1);
            }
          } finally {
            cleaned = true;
          }
        },
      });
      const { words, outcome } = await one(made);
      expect(outcome).toBe('timeout');
      expect(words).toMatch(
        /did not answer within 40 ms and was given up. It may or may not have taken effect/,
      );
      await sleep(10);
      expect(cleaned).toBe(true);
    },
  );

  it('costs no memory where nobody reads, however many yield in turns', async () => {
    const busy = async function* () {
      for (let at = 1; at <= 2_000; at++) yield at;
    };
    const names = ['a', 'b', 'c'];
    const model = fakeModel({ calls: names.map((name) => [name, {}] as const) }, { text: 'ok' });
    const tools = names.map((name) => anyTool(name, 'read', busy));
    const run = new Agent({ model, tools }).stream('go');
    await run.result;
    const events = await eventsOf(run);
    expect(events.length).toBeLessThan(300);
    const last = events.flatMap((event) =>
      event.type === 'call.progress' ? [event.progress] : [],
    );
    expect(last.filter((progress) => progress === 2_000)).toHaveLength(3);
  });

  it('whose clean-up fails after it was stopped harms nobody', async () => {
    const made = anyTool('steps', 'write', async function* () {
      try {
        for (;;) yield await sleep(1);
      } finally {
        await Promise.reject(new Error('clean-up failed'));
      }
    });
    const model = fakeModel({ calls: [['steps', {}]] });
    const run = new Agent({ model, tools: [made] }).stream('go');
    setTimeout(() => run.abort('enough'), 10);
    await expect(run.result).rejects.toBe('enough');
    await sleep(10);
  });
});

describe('time and abort', () => {
  it('frees the run from a tool that ignores its signal', async () => {
    const deaf = tool({
      name: 'deaf',
      description: 'Hears nothing.',
      inputSchema: { type: 'object' },
      effect: 'read',
      timeoutMs: 20,
      execute: () => never,
    });
    const { words } = await one(deaf);
    expect(words).toBe('The tool "deaf" did not answer within 20 ms and was given up.');
  });

  it('tells the tool why it must stop', async () => {
    let heard: unknown;
    const made = tool({
      name: 'listens',
      description: 'Listens.',
      inputSchema: { type: 'object' },
      timeoutMs: 10,
      execute: (_, { signal }: CallScope) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            heard = signal.reason;
            reject(signal.reason as Error);
          });
        }),
    });
    expect((await one(made)).outcome).toBe('timeout');
    expect(String(heard)).toMatch(/time of 10 ms is up/);
  });

  it.each([Number.POSITIVE_INFINITY, 2 ** 40])(
    'takes a time of %s ms as long, not as none',
    async (timeoutMs) => {
      const made = tool({
        name: 'slow',
        description: 'Takes a moment.',
        inputSchema: { type: 'object' },
        timeoutMs,
        execute: () => sleep(20).then(() => 'done'),
      });
      expect((await one(made)).words).toBe('done');
    },
  );

  it('settles at once on an abort, without waiting for deaf tools', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `deaf${at}`);
    const tools = names.map((name, at) =>
      anyTool(name, at % 2 === 0 ? 'read' : 'write', () => never),
    );
    const model = fakeModel({ calls: names.map((name) => [name, {}] as const) });
    const run = new Agent({ model, tools }).stream('go');
    const reason = new Error('user left');
    let from = 0;
    setTimeout(() => {
      from = performance.now();
      run.abort(reason);
    }, 20);
    await expect(run.result).rejects.toBe(reason);
    expect(performance.now() - from).toBeLessThan(4_000); // a recorder would be given 5 s
    expectPaired(run.messages);
    expect(resultsOf(run.messages)).toHaveLength(30);
  });

  it('settles at once on an abort, without waiting for a deaf model', async () => {
    const run = new Agent({
      model: fakeModel({ parts: [{ type: 'text', delta: 'H' }, never] }),
    }).stream('go');
    setTimeout(() => run.abort('enough'), 10);
    await expect(run.result).rejects.toBe('enough');
    expect(run.messages).toHaveLength(1);
  });

  it.each(['checks', 'approves', 'repairs'])(
    'settles at once on an abort while somebody %s for ever',
    async (who) => {
      const inputSchema = who === 'checks' ? z.object({}).refine(() => never) : z.object({});
      const made = tool({ name: 'x', description: 'X.', inputSchema, execute: () => 'ran' });
      const agent = new Agent({
        model: fakeModel({ calls: [[who === 'repairs' ? 'y' : 'x', {}]] }),
        tools: [made],
        ...(who === 'approves' ? { approve: () => never } : {}),
        ...(who === 'repairs' ? { repairCall: () => never } : {}),
      });
      const run = agent.stream('go');
      setTimeout(() => run.abort('enough'), 10);
      await expect(run.result).rejects.toBe('enough');
      expect(resultsOf(run.messages)).toEqual(['The run was stopped before this call began.']);
    },
  );

  it.each<[string, Partial<AgentOptions<unknown, unknown>>]>([
    ['prepares a step', { prepareStep: () => never }],
    ['shortens the history', { compaction: { atTokens: 1, shorten: () => never } }],
    [
      'summarises the history',
      {
        compaction: {
          atTokens: 1,
          shorten: compact.summarise({
            keep: 1,
            model: fakeModel({ parts: [never] }, { parts: [never] }),
          }),
        },
      },
    ],
    ['reads the answer', { output: z.object({}).refine(() => never) }],
  ])(
    'settles at once on an abort or when the time is up while somebody %s for ever',
    async (_who, options) => {
      const history = [1, 2, 3].flatMap((at): readonly Message[] => [
        { role: 'user', content: `question ${at}` },
        { role: 'assistant', content: `answer ${at}` },
      ]);
      const model = () => fakeModel({ text: '{}' });
      const run = new Agent({ ...options, model: model() }).stream('go', { history });
      setTimeout(() => run.abort('enough'), 20);
      await expect(run.result).rejects.toBe('enough');
      const limits = [limit.time({ ms: 30 })];
      const late = await new Agent({ ...options, model: model() }).run('go', { history, limits });
      expect(late.stopReason).toBe('limit');
    },
  );

  it.concurrent.each(['now', 'step'] as const)(
    'settles soon after an abort though its recorder’s %s hangs',
    async (what) => {
      const recorder = {
        ...inProcess({ signal: new AbortController().signal }),
        [what]: () => never,
      };
      const run = new Agent({ model: fakeModel({ text: 'ok' }) }).stream('go', { recorder });
      setTimeout(() => run.abort('enough'), 20);
      await expect(run.result).rejects.toBe('enough');
    },
    20_000,
  );

  it('asks no model after an abort, though the function that prepared the step was deaf to it', async () => {
    const model = fakeModel({ text: 'ok' });
    let prepared = () => {};
    const prepareStep = () =>
      new Promise<undefined>((resolve) => (prepared = () => resolve(undefined)));
    const run = new Agent({ model, prepareStep }).stream('go');
    setTimeout(() => run.abort('enough'), 10);
    await expect(run.result).rejects.toBe('enough');
    prepared();
    await sleep(10);
    expect(model.requests).toEqual([]);
  });

  it('refuses what is no signal, the controller itself above all', async () => {
    const signal = new AbortController() as unknown as AbortSignal;
    const agent = new Agent({ model: fakeModel({ text: 'ok' }) });
    await expect(agent.run('go', { signal })).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('signal: controller.signal') as string,
    });
  });

  it.each(['checks', 'approves', 'repairs'])(
    'lets the run’s own time end a call that somebody %s for ever',
    async (who) => {
      const inputSchema = who === 'checks' ? z.object({}).refine(() => never) : z.object({});
      let ran = false;
      const made = tool({
        name: 'x',
        description: 'X.',
        inputSchema,
        execute: () => void (ran = true),
      });
      const agent = new Agent({
        model: fakeModel({ calls: [[who === 'repairs' ? 'y' : 'x', {}]] }, { text: 'in time' }),
        tools: [made],
        limits: [limit.time({ ms: 40 })],
        ...(who === 'approves' ? { approve: () => never } : {}),
        ...(who === 'repairs' ? { repairCall: () => never } : {}),
      });
      const { text, stopReason, messages } = await agent.run('go');
      expect({ text, stopReason, ran }).toEqual({
        text: 'in time',
        stopReason: 'limit',
        ran: false,
      });
      expect(resultsOf(messages)[0]).toMatch(/the run’s time was up before/);
    },
  );

  it('lets the run’s own time end a call with many more to come', async () => {
    const deaf = anyTool('deaf', 'write', () => never);
    const calls = [
      ['deaf', { a: 1 }],
      ['deaf', { a: 2 }],
    ] as const;
    const model = fakeModel({ calls }, { text: 'in time' });
    const limits = [limit.time({ ms: 30 })];
    const result = await new Agent({ model, tools: [deaf], limits }).run('go');
    expect(result).toMatchObject({ stopReason: 'limit', text: 'in time' });
    expectPaired(result.messages);
  });
});

describe('what a tool is given', () => {
  it('is its input with transforms and defaults, the context, and one key on every attempt', async () => {
    const seen: unknown[] = [];
    const made = tool({
      name: 'see',
      description: 'Sees.',
      inputSchema: z.object({
        day: z.string().transform((s) => s.length),
        n: z.number().default(3),
      }),
      execute: (input, { context, callId, idempotencyKey }: CallScope<{ user: string }>) => {
        seen.push(input, idempotencyKey, callId, context);
      },
      approve: async (input, { idempotencyKey, callId }) => {
        seen.push(input, idempotencyKey, callId);
        return true;
      },
    });
    const agent = new Agent({
      model: fakeModel({ calls: [['see', { day: 'today' }]] }, { text: 'ok' }),
      tools: [made],
    });
    const context = { user: 'u' };
    const run = agent.stream('go', { context });
    await run.result;
    const same = [{ day: 5, n: 3 }, `${run.id}/1/call/1`, 'see:0'];
    expect(seen).toEqual([...same, ...same, context]);
    expect(seen.at(-1)).toBe(context);
  });

  it.each([
    ['accepts', 'free', 'ran'],
    ['refuses', 'taken', /- name: is taken/],
  ])('has passed what its schema finds out asynchronously: it %s', async (_does, name, words) => {
    const made = tool({
      name: 'claim',
      description: 'Claims a name.',
      inputSchema: z.object({
        name: z.string().refine(async (value) => (await sleep(1), value !== 'taken'), 'is taken'),
      }),
      execute: () => 'ran',
    });
    const told = (await one(made, { name })).words;
    expect(told).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });

  it.each([
    ['{"__proto__":{"admin":true},"a":1}', /the key "__proto__" is not allowed/],
    ['{"eur":5,"eur":9999}', /the key "eur" stands twice in one object/],
    ['{"id":2512292042121000001}', /the number 2512292042121000001 has too many digits/],
    ['{"n":1e999}', /the number 1e999 is out of range/],
    [JSON.stringify('{"eur":5,"eur":9999}'), /the key "eur" stands twice in one object/],
  ])('is never what JavaScript makes of %s', async (text, words) => {
    const seen: unknown[] = [];
    for (const inputSchema of [{ type: 'object' }, z.looseObject({})]) {
      const made = tool({
        name: 'see',
        description: 'Sees.',
        inputSchema,
        execute: (input) => void seen.push(input),
      });
      const told = await one(made, text);
      expect(told.words).toMatch(words);
      expect(told.outcome).toBe('doubtful');
    }
    expect(seen).toEqual([]);
  });

  const rejects = async () => Promise.reject(new Error('no database'));
  it.each<[string, (count: () => string) => unknown]>([
    [
      'refine',
      (count) => z.object({ a: z.string().transform(count), b: z.string().refine(rejects) }),
    ],
    [
      'transform',
      (count) => z.object({ a: z.string().transform(count), b: z.string().transform(rejects) }),
    ],
    [
      'refine of zod 3',
      (count) => z3.object({ a: z3.string().transform(count), b: z3.string().refine(rejects) }),
    ],
  ])('is checked once where an async %s rejects, and the model is told', async (_how, schema) => {
    let asked = 0;
    const made = tool({
      name: 'see',
      description: 'Sees.',
      inputSchema: schema(() => `${++asked}`) as never,
      execute: () => 'ran',
    });
    const told = await one(made, '{"a":"x","b":"y"}');
    expect(told.words).toMatch(/could not be checked \(no database\)/);
    expect(asked).toBe(1);
  });
});

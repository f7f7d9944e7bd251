import assert from 'node:assert/strict';
import { Agent, tool } from '@throughline/core';
import type { Message, Model, ModelPart, ModelRequest } from '@throughline/core';
import type { ScriptedAnswer } from './scripted-model.ts';

/** A model whose far end follows a script, and how to put it away. */
export interface ModelUnderTest {
  readonly model: Model;
  close?(): Promise<void>;
}

/** Makes a model that says these answers, one for each request. */
export type ModelMaker = (answers: readonly ScriptedAnswer[]) => Promise<ModelUnderTest>;

/** One thing every model must do. `run` rejects with an assertion error where it does not. */
export interface Check {
  readonly name: string;
  run(make: ModelMaker): Promise<void>;
}

const twoCalls: ScriptedAnswer = {
  reasoning: 'Two sums: 🧵, a line\r\nbreak, \u2028 and a lone \\.',
  text: 'I add twice.',
  calls: [
    { name: 'add', arguments: '{ "a":1,\t"b":2 }' },
    { name: 'add', arguments: { a: 3, b: 4 } },
  ],
};

const sums: readonly ScriptedAnswer[] = [
  twoCalls,
  { ...twoCalls, text: 'And again.' },
  { text: 'Done.' },
];

/**
 * What every `Model` must do, for any test runner:
 * `for (const check of modelSuite) it(check.name, () => check.run(make))`.
 */
export const modelSuite: readonly Check[] = [
  check('tells reasoning, text, calls and one finish, byte for byte', [twoCalls], async (model) => {
    const parts = await collect(model.stream(question, live()));
    assert.equal(joined(parts, 'reasoning'), twoCalls.reasoning);
    assert.equal(joined(parts, 'text'), twoCalls.text);
    assert.deepEqual(
      callsIn(parts).map(({ name, text }) => [name, text]),
      [
        ['add', '{ "a":1,\t"b":2 }'],
        ['add', '{"a":3,"b":4}'],
      ],
    );
    const finishes = parts.filter(({ type }) => type === 'finish');
    assert.deepEqual(finishes, [{ type: 'finish', reason: 'tool_calls' }]);
  }),
  check('gives each call an id of its own, over several answers', sums, async (model) => {
    const { messages } = await adder(model).run('Add.');
    const ids = messages.flatMap((message) => callIds(message));
    assert.equal(ids.length, 4);
    assert.ok(!ids.includes(''), `an id is empty: ${ids.join(', ')}`);
    assert.equal(new Set(ids).size, 4, `an id repeats: ${ids.join(', ')}`);
  }),
  check('takes its own answers and their results back as history', sums, async (model) => {
    const { text, messages } = await adder(model).run('Add.');
    assert.equal(text, 'Done.');
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'tool', 'assistant', 'tool', 'tool', 'assistant'],
    );
  }),
  check('can be asked without tools', [{ text: 'Hello.' }], async (model) => {
    const parts = await collect(model.stream({ ...question, tools: [] }, live()));
    assert.equal(joined(parts, 'text'), 'Hello.');
  }),
  check('may be asked several things at once', [{ text: 'A.' }, { text: 'B.' }], async (model) => {
    const both = await Promise.all([0, 1].map(() => collect(model.stream(question, live()))));
    assert.deepEqual(both.map((parts) => joined(parts, 'text')).toSorted(), ['A.', 'B.']);
  }),
  check('rejects with the abort’s own reason before it asks', [{ text: 'x' }], async (model) => {
    const reason = new Error('enough');
    await rejectsWith(reason, collect(model.stream(question, AbortSignal.abort(reason))));
  }),
  check('rejects with the abort’s own reason in an answer', [twoCalls], async (model) => {
    const controller = new AbortController();
    const reason = { not: 'even an error' };
    const batches = model.stream(question, controller.signal)[Symbol.asyncIterator]();
    const first = await batches.next();
    controller.abort(reason);
    // What came in one piece has ended before it could be aborted.
    const parts = first.done === true ? [] : first.value;
    if (parts.some(({ type }) => type === 'finish')) return;
    const reading = (async () => {
      while ((await batches.next()).done !== true);
    })();
    await rejectsWith(reason, reading);
  }),
  check('can be left early and asked again', [twoCalls, { text: 'B.' }], async (model) => {
    const batches = model.stream(question, live())[Symbol.asyncIterator]();
    await batches.next();
    await batches.return?.();
    const parts = await collect(model.stream({ ...question, messages: [user('again')] }, live()));
    assert.ok(parts.some(({ type }) => type === 'finish'));
  }),
];

const question: ModelRequest = {
  messages: [user('Add.')],
  tools: [
    {
      name: 'add',
      description: 'Adds two numbers.',
      parameters: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
    },
  ],
  toolChoice: 'auto',
};

function check(
  name: string,
  answers: readonly ScriptedAnswer[],
  run: (model: Model) => Promise<void>,
): Check {
  return {
    name,
    async run(make) {
      const { model, close } = await make(answers);
      try {
        await run(model);
      } finally {
        await close?.();
      }
    },
  };
}

function adder(model: Model): Agent {
  const [spec] = question.tools;
  assert.ok(spec);
  const { name, description, parameters } = spec;
  const execute = ({ a, b }: Readonly<Record<string, unknown>>) => Number(a) + Number(b);
  return new Agent({
    model,
    tools: [tool({ name, description, inputSchema: parameters, execute })],
  });
}

async function collect(batches: AsyncIterable<readonly ModelPart[]>): Promise<ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const batch of batches) parts.push(...batch);
  return parts;
}

function joined(parts: readonly ModelPart[], type: 'reasoning' | 'text'): string {
  return parts.map((part) => (part.type === type ? part.delta : '')).join('');
}

function callsIn(parts: readonly ModelPart[]): readonly { name: string; text: string }[] {
  const calls = new Map<number, { name: string; text: string }>();
  for (const part of parts) {
    if (part.type !== 'call') continue;
    const call = calls.get(part.index) ?? { name: '', text: '' };
    call.name ||= part.name ?? '';
    call.text += part.delta;
    calls.set(part.index, call);
  }
  return [...calls].toSorted(([a], [b]) => a - b).map(([, call]) => call);
}

function callIds(message: Message): readonly string[] {
  return message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : [];
}

async function rejectsWith(reason: unknown, work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'it did not reject',
    (error: unknown) => error,
  );
  assert.equal(outcome, reason);
}

function user(content: string): Message {
  return { role: 'user', content };
}

function live(): AbortSignal {
  return new AbortController().signal;
}

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tool, ToolError } from '@throughline/core';
import type { CallScope, Tool, Toolkit } from '@throughline/core';
import { describe, expect, it } from 'vitest';
import { toolkitSuite } from '../src/index.ts';
import type { ToolkitCases } from '../src/index.ts';

type Input = Readonly<Record<string, unknown>>;

/** Two tools that do all they must; a test spoils one thing. */
function sound(spoilt: Spoilt = {}): Toolkit {
  const { execute = (input, scope) => look(input, scope), schema = plain } = spoilt;
  const find = tool({
    name: 'find_word',
    description: 'Says in which line a word stands.',
    inputSchema: schema,
    effect: 'read',
    execute,
    ...spoilt.find,
  });
  const say = tool({
    name: 'say_word',
    description: 'Says a word, and that it was said.',
    inputSchema: schema,
    effect: 'write',
    execute: ({ word }: Input) => ({ said: word }),
  });
  return { name: 'words', tools: [find, say], ...spoilt.kit };
}

interface Spoilt {
  readonly execute?: (input: Input, scope: CallScope) => unknown;
  readonly schema?: Input;
  readonly find?: object;
  readonly kit?: Partial<Toolkit>;
}

const plain = {
  type: 'object',
  properties: { word: { type: 'string', description: 'The word.' } },
  required: ['word'],
};

async function* look({ word }: Input, { signal }: CallScope) {
  yield 'looking';
  if (word === 'missing') throw new ToolError('There is no "missing" in any line.');
  if (word === 'long') return 'x'.repeat(40_000);
  if (word !== 'slow') return `"${String(word)}" stands in line 3.`;
  return new Promise((_resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    dispositions.push(stop);
  });
}

const dispositions: (() => void)[] = [];

function casesOf(spoilt: Spoilt = {}): ToolkitCases {
  return {
    // A toolkit that was spoilt never comes to its end: there is nothing to wait for.
    ...(Object.keys(spoilt).length > 0 && { promptMs: 500 }),
    make: () => ({
      toolkit: {
        dispose: () => dispositions.splice(0).forEach((stop) => stop()),
        ...sound(spoilt),
      },
    }),
    tools: {
      find_word: {
        effect: 'read',
        works: async (call) => ({
          word: /said":"(\w+)/.exec(await call('say_word', { word: 'lamp' }))?.[1],
        }),
        fails: { word: 'missing' },
        tellsMuch: { word: 'long' },
        waits: { word: 'slow' },
      },
      say_word: { effect: 'write', works: { word: 'chair' } },
    },
  };
}

/** What the check of this name says of a toolkit; undefined where it has nothing to say. */
async function complaint(cases: ToolkitCases, check: string): Promise<string | undefined> {
  const found = toolkitSuite(cases).find(({ name }) => name === check);
  if (found === undefined) throw new Error(`There is no check "${check}".`);
  return found.run().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
}

describe('a toolkit that does all it must', () => {
  for (const { name, run } of toolkitSuite(casesOf())) it(name, run);
});

describe('the suite finds a toolkit', () => {
  const has = 'has a name, and the tools that are named here';
  const describes = 'describes each tool and each argument';
  const fails = 'find_word fails in words for the model';
  const works = 'find_word does what it is asked';
  const much = 'find_word bounds a long result itself';
  const aborts = 'find_word ends at once when it is aborted';
  const leaves =
    'leaves no handle, timer or child when it is disposed of, and settles what is under way';

  const slow =
    (execute: (input: Input, scope: CallScope) => unknown) => (input: Input, scope: CallScope) =>
      input['word'] === 'slow' ? execute(input, scope) : look(input, scope);

  it.each<[string, Spoilt, string, RegExp]>([
    ['without a name', { kit: { name: '' } }, has, /letters, digits/],
    ['with a tool named in another way', { find: { name: 'findWord' } }, has, /deep-equal/],
    [
      'with a tool that no sentence describes',
      { find: { description: 'Finds.' } },
      describes,
      /by no sentence/,
    ],
    [
      'with an argument that is not described',
      { schema: { ...plain, properties: { word: { type: 'string' } } } },
      describes,
      /find_word: the argument "word" is not described/,
    ],
    [
      'with another effect',
      { find: { effect: 'write' } },
      'has the effects that are named here',
      /deep-equal/,
    ],
    [
      'that tells other tools each time',
      {
        kit: {
          get tools() {
            return [...sound().tools].map((one): Tool<unknown> => ({
              ...(one as Tool<unknown>),
              description: `It is ${Math.random()} now.`,
            }));
          },
        },
      },
      'tells the model the same tools each time it is made, with a prefix as well',
      /tells other tools/,
    ],
    [
      'that throws where it should work',
      {
        execute: () => {
          throw new Error('oh');
        },
      },
      works,
      /oh/,
    ],
    [
      'that leaves it to core to cut a result',
      {
        execute: (input, scope) =>
          input['word'] === 'long' ? 'x'.repeat(60_000) : look(input, scope),
      },
      much,
      /tells 60000 characters, and only 50000 reach the model/,
    ],
    [
      'that does not fail where it must',
      { execute: (input, scope) => (input['word'] === 'missing' ? 'None.' : look(input, scope)) },
      fails,
      /does not fail; it tells: None/,
    ],
    [
      'that fails with an error of the system',
      {
        execute: (input, scope) => {
          if (input['word'] === 'missing') throw new Error('ENOENT');
          return look(input, scope);
        },
      },
      fails,
      /fails with Error: ENOENT, which is no ToolError/,
    ],
    [
      'that fails without a sentence',
      {
        execute: (input, scope) => {
          if (input['word'] === 'missing') throw new ToolError('ENOENT');
          return look(input, scope);
        },
      },
      fails,
      /fails without a sentence: "ENOENT"/,
    ],
    [
      'that goes on after an abort',
      { execute: slow(() => new Promise((resolve) => dispositions.push(() => resolve(1)))) },
      aborts,
      /goes on after an abort/,
    ],
    [
      'that rejects with a reason of its own',
      {
        execute: slow(
          (_input, { signal }) =>
            new Promise((_resolve, reject) => {
              const stop = () => reject(new Error('aborted'));
              signal.addEventListener('abort', stop);
              dispositions.push(stop);
            }),
        ),
      },
      aborts,
      /does not reject with the abort’s own reason/,
    ],
    [
      'that does not wait where it should',
      { execute: slow(() => 'at once') },
      aborts,
      /does not wait: at once/,
    ],
    [
      'that lets a call go on after dispose',
      { kit: { dispose() {} } },
      leaves,
      /a call goes on after dispose/,
    ],
  ])('%s', async (_what, spoilt, check, words) => {
    expect(await complaint(casesOf(spoilt), check)).toMatch(words);
  });

  it.each<[string, (undo: (() => void)[]) => void, RegExp]>([
    [
      'a timer',
      (undo) => {
        const timer = setInterval(() => {}, 1_000);
        undo.push(() => clearInterval(timer));
      },
      /leaves behind: \d+ × Timeout/,
    ],
    [
      'a child',
      (undo) => {
        const child = spawn('sleep', ['60'], { stdio: 'ignore' });
        child.unref();
        undo.push(() => void child.kill());
      },
      /leaves behind: .*child process \d+ \(sleep\)/,
    ],
    [
      'a server',
      (undo) => {
        const server = createServer().listen(0, '127.0.0.1');
        undo.push(() => server.close());
      },
      /leaves behind: .*TCPServerWrap/,
    ],
  ])('that leaves %s behind', async (_what, leave, words) => {
    const undo: (() => void)[] = [];
    const cases = casesOf({
      execute: (input, scope) => {
        leave(undo);
        return look(input, scope);
      },
    });
    expect(await complaint(cases, leaves)).toMatch(words);
    for (const one of undo) one();
  });

  it('with a tool that takes what is no object', async () => {
    const cases = casesOf();
    const lax = (toolkit: Toolkit) => ({
      ...toolkit,
      tools: toolkit.tools.map((one) => ({
        ...one,
        inputSchema: {
          ...one.inputSchema,
          describe: () => one.inputSchema.describe(),
          parse: (value: unknown) => ({ value }),
        },
      })),
    });
    const odd = {
      ...cases,
      make: async () => ({ toolkit: lax((await cases.make()).toolkit as Toolkit) }),
    };
    expect(await complaint(odd, 'refuses arguments that are no object')).toBe(
      'find_word takes null.',
    );
  });

  it('with a tool that the cases do not know', async () => {
    const { tools, ...rest } = casesOf();
    const { say_word: _left, ...fewer } = tools;
    expect(await complaint({ ...rest, tools: fewer }, has)).toMatch(/deep-equal/);
  });
});

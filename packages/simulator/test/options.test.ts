import { expect, test } from 'vitest';
import { startSimulator, type ScriptedAnswer, type SimulatorOptions } from '../src/index.ts';
import { ask, body, errorOf, start } from './support.ts';

const options = [
  'script, loop, host, port, key, model, strictness, emptyReasoning, faults, seed, cutBytes, pieceDelayMs, log, errorBody,',
  'maxBodyBytes, keepBodies, onRequest',
].join(' ');
const members =
  'reasoning, text, calls, finishReason, usage, delayMs, pieceDelayMs, callDelayMs, faults';

test('an option that there is not is refused at once, with those that there are', async () => {
  const sentence = `There is no option called "scrpt"; there are ${options}.`;
  await expect(startSimulator({ scrpt: [] } as SimulatorOptions)).rejects.toThrow(
    new TypeError(sentence),
  );
});

test('an option that is left undefined is one that is left out', async () => {
  const names = options.split(', ');
  await start(Object.fromEntries(names.map((name) => [name, undefined])));
});

test.each([
  [{ host: '' }, 'host must be a text that is not empty, not "".'],
  [{ loop: 1 }, 'loop must be true or false, not 1.'],
  [
    { loop: true, script: () => ({}) },
    'loop needs a script that is a list of answers; a function has no end.',
  ],
  [{ loop: true }, 'loop needs a script that is a list of answers; a function has no end.'],
  [{ port: 65_536 }, 'port must be a whole number from 0 to 65535, not 65536.'],
  [{ port: '80' }, 'port must be a whole number from 0 to 65535, not "80".'],
  [{ seed: 0.5 }, 'seed must be a whole number of at least 0, not 0.5.'],
  [{ cutBytes: 1.5 }, 'cutBytes must be a whole number of at least 1, not 1.5.'],
  [{ pieceDelayMs: -1 }, 'pieceDelayMs must be a number from 0 to 2147483647, not -1.'],
  [{ pieceDelayMs: NaN }, 'pieceDelayMs must be a number from 0 to 2147483647, not NaN.'],
  [{ maxBodyBytes: 0 }, 'maxBodyBytes must be a whole number of at least 1, not 0.'],
  [{ keepBodies: -1 }, 'keepBodies must be a whole number of at least 0, not -1.'],
  [{ key: '' }, 'key must be a text that is not empty, not "".'],
  [{ model: null }, 'model must be a text that is not empty, not null.'],
  [{ log: 7 }, 'log must be a text that is not empty, not 7.'],
  [{ emptyReasoning: 'no' }, 'emptyReasoning must be "reject" or "accept", not "no".'],
  [{ errorBody: {} }, 'errorBody must be "gateway" or "moonshot", not {}.'],
  [{ onRequest: true }, 'onRequest must be a function, not true.'],
  [{ faults: 'crlf' }, 'faults must be a list, not "crlf".'],
  [
    { faults: [{ fault: 'crlf', tmies: 2 }] },
    'The use of fault "crlf" has an unknown member "tmies"; there are fault, times, after, probability, retryAfter.',
  ],
  [
    { faults: [{ fault: 'upstream-overloaded', retryAfter: -1 }] },
    'The retryAfter of fault "upstream-overloaded" must be seconds of 0 or more, a date as text, or false, not -1.',
  ],
  [{ faults: [null] }, 'A fault is a name or an object, not null.'],
  [{ script: 'Hello.' }, 'script must be a list of answers or a function, not "Hello.".'],
])('the option %j is refused with a sentence', async (given, sentence) => {
  await expect(startSimulator(given as SimulatorOptions)).rejects.toThrow(new TypeError(sentence));
});

const wrong: readonly [answer: unknown, what: string][] = [
  [{ txt: 'x' }, `has an unknown member "txt"; there are ${members}.`],
  [7, 'is not an object.'],
  [{ text: 7 }, 'must have a text that is a string.'],
  [{ delayMs: -1 }, 'must have a delayMs that is a number from 0 to 2147483647.'],
  [{ usage: 7 }, 'must have a usage that is an object.'],
  [
    { usage: { tokens: 7 } },
    'has an unknown member "tokens" of usage; there are prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens.',
  ],
  [{ faults: 'crlf' }, 'must have faults that are a list.'],
  [{ calls: [{}] }, 'must have calls that are a list, each with a name.'],
  [
    { calls: [{ name: 'add', args: {} }] },
    'has an unknown member "args" of a call; there are name, arguments, id.',
  ],
];

test.each(wrong)(
  'a script that is a list holding %j is refused at the start',
  async (answer, what) => {
    const script = [{ text: 'Yes.' }, answer] as ScriptedAnswer[];
    const sentence = `Answer 2 of the script ${what}`;
    await expect(startSimulator({ script })).rejects.toThrow(new TypeError(sentence));
  },
);

test.each(wrong.filter(([answer]) => typeof answer === 'object'))(
  'an answer %j that a function gave is told to the client and in the record',
  async (answer, what) => {
    const simulator = await start({ script: () => answer as ScriptedAnswer });
    const reply = await ask(simulator, body());
    const message = `The script's answer to request number 1 ${what}`;
    expect(reply.status).toBe(500);
    expect(errorOf(reply)).toMatchObject({ message, type: 'simulator_error' });
    expect(simulator.requests[0]?.error).toBe(message);
  },
);

test('a port that is taken is told with its number and what to do, and with the error of Node', async () => {
  const simulator = await start();
  const port = Number(new URL(simulator.url).port);
  const refused = startSimulator({ port });
  await expect(refused).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken. Give another port, or none for any free one.`,
  );
  await expect(refused).rejects.toMatchObject({
    code: 'EADDRINUSE',
    cause: { code: 'EADDRINUSE', syscall: 'listen' },
  });
});

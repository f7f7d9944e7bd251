import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import http, { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import type { Model, RunResult } from '@throughline/core';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';

// What speed rests on, counted instead of timed: what is done for each message, each delta and each step.

/** How often something was done during a run. */
interface Counts {
  readonly parsed: readonly string[];
  readonly written: readonly string[];
  readonly promises: number;
}

it('writes each message once in its life, over 100 steps', async () => {
  const { result, written } = await counted({ steps: 100, deltas: 2 });
  expect(result.steps).toBe(100);
  const marks = result.messages.map((message) => {
    if (message.role === 'assistant') return message.reasoning_content ?? '';
    return String(message.content);
  });
  expect(new Set(marks).size).toBe(200);
  const times = marks.map((mark) => written.filter((json) => json.includes(mark)).length);
  // The last one was never sent.
  expect(times).toEqual(marks.map((_, at) => (at === 199 ? 0 : 1)));
});

it('parses no frame as JSON that is the last one but for its text', async () => {
  const few = await counted({ steps: 2, deltas: 10 });
  const many = await counted({ steps: 2, deltas: 1010 });
  expect(many.parsed.length).toBe(few.parsed.length);
  const [, first] = many.result.messages;
  const thoughts = Array.from({ length: 1010 }, (_, at) => `thought 0, ${at}; `).join('');
  expect(first).toMatchObject({ reasoning_content: thoughts });
});

it('parses nothing that is no JSON, since an error costs more than a frame', async () => {
  const { parsed } = await counted({ steps: 3, deltas: 10 });
  const isJson = (text: string) => {
    try {
      return JSON.parse(text) !== undefined;
    } catch {
      return false;
    }
  };
  expect(parsed.length).toBeGreaterThan(10);
  expect(parsed.filter((text) => !isJson(text))).toEqual([]);
});

it('makes no promise for a delta', async () => {
  const few = await counted({ steps: 1, deltas: 10 });
  const many = await counted({ steps: 1, deltas: 4010 });
  // Promises belong to network chunks; a longer answer comes in a few more of them.
  expect(many.promises - few.promises).toBeLessThan(400);
});

it('makes no more promises for a late step than for an early one', async () => {
  const [none, some, more] = [
    await counted({ steps: 1, deltas: 4 }),
    await counted({ steps: 41, deltas: 4 }),
    await counted({ steps: 81, deltas: 4 }),
  ];
  const early = (some.promises - none.promises) / 40;
  const late = (more.promises - some.promises) / 40;
  expect(early).toBeLessThan(170);
  expect(late).toBeLessThan(early * 1.1);
});

it('gives what it makes in each step the shape of the step before', async () => {
  const baseURL = await serve(6, 2);
  const made = { requests: [] as object[], messages: [] as object[], usages: [] as object[] };
  const agent = new Agent({
    model: anyfast('kimi-k2.6', { baseURL }),
    tools: [look()],
    limits: [limit.steps(1000)],
  });
  agent.on('answer', ({ usage }) => made.usages.push(usage ?? {}));
  const { stringify } = JSON;
  const { request } = http;
  JSON.stringify = (value: unknown, ...rest: []) => {
    if (isAssistant(value)) made.messages.push(value);
    return stringify(value, ...rest);
  };
  http.request = ((options: object, ...rest: []) => {
    made.requests.push(options);
    return request(options, ...rest);
  }) as typeof http.request;
  try {
    for (let run = 0; run < 3; run++) await agent.run('Look.');
  } finally {
    JSON.stringify = stringify;
    http.request = request;
  }
  setFlagsFromString('--allow-natives-syntax');
  const isAlike = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (
    a: unknown,
    b: unknown,
  ) => boolean;
  setFlagsFromString('--no-allow-natives-syntax');
  for (const objects of Object.values(made)) {
    expect(objects.length).toBeGreaterThanOrEqual(15);
    const late = objects.slice(-5, -1); // the last answer makes no call
    expect(late.filter((one) => !isAlike(one, late[0]))).toEqual([]);
  }
});

it('makes no event of a delta that nobody listens to', async () => {
  let reads = 0;
  const word = {
    type: 'text' as const,
    get delta() {
      reads++;
      return 'word ';
    },
  };
  const model: Model = {
    id: 'counting',
    async *stream() {
      for (let at = 0; at < 10; at++) yield [word, word];
      yield [{ type: 'finish', reason: 'stop' }];
    },
  };
  const agent = new Agent({ model });
  await agent.run('Go.');
  expect(reads).toBe(20); // for the message
  const heard: string[] = [];
  agent.on('text.delta', ({ delta }) => heard.push(delta));
  await agent.run('Go.');
  expect(reads).toBe(60); // for the message, and for the event
  expect(heard).toEqual(Array.from({ length: 10 }, () => 'word word '));
});

function isAssistant(value: unknown): value is object {
  return (value as { role?: unknown } | null)?.role === 'assistant';
}

function look() {
  return tool({
    name: 'look',
    description: 'Looks.',
    effect: 'read',
    inputSchema: z.object({ at: z.number() }),
    execute: ({ at }) => `seen at ${at}.`,
  });
}

/** One run of an agent, with what was done in it. It is run once before, so that what is made once is not counted. */
async function counted(answer: {
  readonly steps: number;
  readonly deltas: number;
}): Promise<Counts & { readonly result: RunResult }> {
  const baseURL = await serve(answer.steps, answer.deltas);
  const agent = new Agent({
    model: anyfast('kimi-k2.6', { baseURL }),
    tools: [look()],
    limits: [limit.steps(1000)],
  });
  await agent.run('Look.');
  const [parsed, written] = [new Array<string>(), new Array<string>()];
  let promises = 0;
  const { parse, stringify } = JSON;
  const hook = createHook({ init: (_id, type) => void (type === 'PROMISE' && promises++) });
  JSON.parse = (text: string, ...rest: []) => {
    parsed.push(text);
    return parse(text, ...rest) as unknown;
  };
  JSON.stringify = (value: unknown, ...rest: []) => {
    const text = stringify(value, ...rest);
    written.push(text);
    return text;
  };
  hook.enable();
  try {
    return { result: await agent.run('Look.'), parsed, written, promises };
  } finally {
    hook.disable();
    Object.assign(JSON, { parse, stringify });
  }
}

/** A server whose answers are written beforehand, so that nothing it does is counted. */
async function serve(steps: number, deltas: number): Promise<string> {
  const frame = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const answers = Array.from({ length: steps }, (_, at) => {
    const thought = Array.from({ length: deltas }, (_, n) =>
      frame({ reasoning_content: `thought ${at}, ${n}; ` }),
    );
    const call = { name: 'look', arguments: `{"at":${at}}` };
    const calls = [{ index: 0, id: `functions.look:${at}`, type: 'function', function: call }];
    const last = at === steps - 1;
    const said = last ? frame({ content: 'Done.' }) : frame({ tool_calls: calls });
    return [...thought, said, frame({}, last ? 'stop' : 'tool_calls'), 'data: [DONE]\n\n'].join('');
  });
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const given = body.split('"role":"tool"').length - 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answers[given]);
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

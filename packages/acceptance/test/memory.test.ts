import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';

// Counted: what the bench measures of a live run is 40 KB, of a waiting one 35 KB. Here the server is in the same process.
const mostLiveKB = 200;
const mostWaitingKB = 100;
const runs = 200;

const frame = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const call = { id: 'pay:0', index: 0, function: { name: 'pay', arguments: '{"to":"Ann"}' } };

let heard = 0;
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (request.url?.startsWith('/waits') === true) {
    response.end(`${frame({ tool_calls: [call] }, 'tool_calls')}data: [DONE]\n\n`);
  } else response.write(frame({ reasoning_content: 'Let me see.' })); // and no more
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function agentAt(path: string) {
  const { port } = server.address() as AddressInfo;
  const model = anyfast('kimi-k2.6', { baseURL: `http://127.0.0.1:${port}${path}`, apiKey: 'key' });
  const pay = tool({
    name: 'pay',
    description: 'Pays.',
    effect: 'destructive',
    inputSchema: z.object({ to: z.string() }),
    execute: () => 'paid',
  });
  return new Agent({ model, tools: [pay] });
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

it('a live run holds little: 200 of them in the middle of their answers', async () => {
  const agent = agentAt('/lives').on('reasoning.delta', () => heard++);
  const controller = new AbortController();
  const all: Promise<unknown>[] = [];
  const start = async (count: number) => {
    heard = 0;
    for (let at = 0; at < count; at++) {
      all.push(
        agent.run('Go on.', { signal: controller.signal }).catch((reason: unknown) => reason),
      );
    }
    await expect.poll(() => heard, { timeout: 60_000 }).toBe(count);
  };
  await start(20);
  const before = heldBytes();
  await start(runs);
  expect((heldBytes() - before) / runs / 1000).toBeLessThan(mostLiveKB);
  controller.abort('enough');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['enough']));
});

it('a run that waits for a person holds little: 200 of them', async () => {
  const agent = agentAt('/waits');
  const controller = new AbortController();
  const waiting: (() => void)[] = [];
  const all: Promise<unknown>[] = [];
  const start = async (count: number) => {
    const from = waiting.length;
    const decide = () =>
      new Promise<undefined>((resolve) => waiting.push(() => resolve(undefined)));
    for (let at = 0; at < count; at++) {
      const run = agent.run('Pay.', { decide, signal: controller.signal });
      all.push(run.catch((reason: unknown) => reason));
    }
    await expect.poll(() => waiting.length - from, { timeout: 60_000 }).toBe(count);
  };
  await start(20);
  const before = heldBytes();
  await start(runs);
  expect((heldBytes() - before) / runs / 1000).toBeLessThan(mostWaitingKB);
  controller.abort('enough');
  expect(new Set(await Promise.all(all))).toEqual(new Set(['enough']));
});

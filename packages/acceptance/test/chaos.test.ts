import { anyfast } from '@throughline/anyfast';
import { Agent, limit, ThroughlineError, tool, ToolError } from '@throughline/core';
import type { Message, Run } from '@throughline/core';
import { checkHistory, faults, startSimulator } from '@throughline/simulator';
import type { ChatRequest, ScriptedAnswer } from '@throughline/simulator';
import * as z from 'zod';
import { expect, it } from 'vitest';

// Small in `pnpm test`, full in `pnpm soak`.
const isSoak = process.env['THROUGHLINE_SOAK'] !== undefined;
const agents = isSoak ? 1000 : 60;
const atOnce = 20;
const steps = 10;
const ownSeed = isSoak ? Math.floor(Math.random() * 2 ** 31) : 20261123;
const seed = Number(process.env['THROUGHLINE_SEED'] ?? ownSeed);

/** Faults that another request may get past; one that is permanent would only end every run at once. */
const chance = faults
  .filter(
    ({ kind, name }) =>
      kind !== 'error' || /overloaded|server-error|unavailable|bad-gateway|failed$/.test(name),
  )
  .map(({ name }) => ({ fault: name, probability: 0.004, retryAfter: 0 as const }));

class Stop extends Error {}

it(`${agents} agents of ${steps} steps come to an answer or a typed reason, whatever happens on the way`, async () => {
  const random = mulberry(seed);
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const before = resources();
  const simulator = await startSimulator({ script: walk, faults: chance, seed, keepBodies: 0 });
  const wrote = new Map<string, number>();
  const ends = { answered: 0, failed: 0, stopped: 0 };
  const agent = new Agent({
    model: anyfast('kimi-k2.6', {
      baseURL: simulator.url,
      apiKey: simulator.key,
      firstByteTimeoutMs: 1_000,
      idleTimeoutMs: 1_000,
      retry: { firstWaitMs: 1, maxWaitMs: 5 },
    }),
    tools: toolsOf(wrote, random),
    limits: [
      limit.steps(steps * 2),
      limit.repeats({ reasoningChars: 20_000, note: 30, warn: 30, max: 30 }),
    ],
  });

  async function live(number: number): Promise<void> {
    const run = agent.stream(`Walk ${number}.`);
    const timer =
      random() < 0.2 ? setTimeout(() => run.abort(new Stop()), random() * 200) : undefined;
    try {
      await drain(run, random() < 0.5);
      const { stopReason } = await run.result;
      expect(stopReason).toMatch(/^(answer|limit|length|content_filter)$/);
      ends.answered++;
    } catch (error) {
      if (error instanceof Stop) ends.stopped++;
      else if (error instanceof ThroughlineError) ends.failed++;
      else throw error;
    } finally {
      clearTimeout(timer);
    }
    expect(breachIn(run.messages)).toBeUndefined();
  }

  for (let from = 0; from < agents; from += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, agents - from) }, (_, at) =>
      live(from + at),
    );
    await Promise.all(batch);
  }
  await simulator.close();
  process.off('unhandledRejection', note);
  console.log(
    `chaos, seed ${seed}: ${JSON.stringify(ends)}, ${simulator.requests.length} requests`,
  );
  expect(unhandled).toEqual([]);
  expect([...wrote.values()].filter((times) => times > 1)).toEqual([]);
  expect(wrote.size).toBeGreaterThan(agents);
  // Two thirds as a rule; on a machine that is busy some more run out of time.
  expect(ends.answered).toBeGreaterThan(agents / 3);
  await expect.poll(resources, { timeout: 5_000 }).toEqual(before);
}, 600_000);

/** Ten steps: reads and writes by turns, then an answer. */
function walk({ messages }: ChatRequest): ScriptedAnswer {
  const step = messages.filter(({ role }) => role === 'assistant').length;
  if (step >= steps) return { reasoning: 'Enough.', text: `Walked ${step} steps.` };
  const calls = ['look', 'write', step % 2 === 0 ? 'look' : 'stumble'];
  return {
    reasoning: `Step ${step}: on I go. 🧵`,
    text: step % 3 === 0 ? `Now step ${step}.` : undefined,
    calls: calls.map((name, at) => ({ name, arguments: { step, at } })),
  };
}

function toolsOf(wrote: Map<string, number>, random: () => number) {
  const inputSchema = z.object({ step: z.number(), at: z.number() });
  const pause = () => new Promise((resolve) => setTimeout(resolve, random() * 5));
  return [
    tool({
      name: 'look',
      description: 'Looks.',
      inputSchema,
      effect: 'read',
      execute: async ({ step, at }) => {
        await pause();
        return { seen: step * at };
      },
    }),
    tool({
      name: 'write',
      description: 'Writes.',
      inputSchema,
      execute: async (_input, { idempotencyKey }) => {
        wrote.set(idempotencyKey, (wrote.get(idempotencyKey) ?? 0) + 1);
        await pause();
        return 'written';
      },
    }),
    tool({
      name: 'stumble',
      description: 'Fails, or never ends.',
      inputSchema,
      timeoutMs: 20,
      async *execute({ step }) {
        yield `stumbling at ${step}`;
        if (random() < 0.3) await new Promise(() => {});
        throw new ToolError('Stumbled. Go on.');
      },
    }),
  ];
}

async function drain(run: Run, iterate: boolean): Promise<void> {
  if (!iterate) return;
  let events = 0;
  for await (const event of run) events += event.runId === run.id ? 1 : 0;
  expect(events).toBeGreaterThan(0);
}

/** What the endpoint would refuse in this conversation, the simulator being the judge. */
function breachIn(messages: readonly Message[]): unknown {
  // The transport fills in reasoning that a model did not give; core keeps what was said.
  const filled = messages
    .filter((message) => message.role !== 'assistant' || message.content || message.tool_calls)
    .map((message) =>
      message.role === 'assistant' ? { reasoning_content: ' ', ...message } : message,
    );
  return checkHistory(filled, { keepAll: true });
}

function resources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCPSocketWrap|TCPServerWrap|Timeout/.test(name))
    .toSorted();
}

function mulberry(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

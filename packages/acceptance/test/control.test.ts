import { anyfast } from '@throughline/anyfast';
import { Agent, compact, tool } from '@throughline/core';
import type { Message } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Simulator, SimulatorOptions } from '@throughline/simulator';
import * as z from 'zod';
import { expect, it } from 'vitest';

const look = tool({
  name: 'look',
  description: 'Looks.',
  inputSchema: z.object({ at: z.string().default('it') }),
  effect: 'read',
  execute: ({ at }) => `${at} `.repeat(100),
});

async function withSimulator(
  options: SimulatorOptions,
  use: (model: ReturnType<typeof anyfast>, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await use(anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key }), simulator);
  } finally {
    await simulator.close();
  }
}

interface Sent {
  readonly thinking: object;
  readonly messages: readonly Message[];
}

const bodies = ({ requests }: Simulator) => requests.map(({ body }) => body as unknown as Sent);

it('a forced tool switches thinking off for its step, and the history stays acceptable', async () => {
  const calls = [{ name: 'look', arguments: {} }];
  const script = [{ calls }, { reasoning: 'Now I may think.', calls }, { text: 'Seen.' }];
  await withSimulator({ script }, async (model, simulator) => {
    const agent = new Agent({
      model,
      tools: [look],
      prepareStep: ({ step }) => (step === 1 ? { toolChoice: { name: 'look' } } : undefined),
    });
    expect((await agent.run('Look.')).text).toBe('Seen.');
    const [first, second] = bodies(simulator);
    expect(first).toMatchObject({
      thinking: { type: 'disabled' },
      tool_choice: { type: 'function', function: { name: 'look' } },
    });
    expect(second?.thinking).toEqual({ type: 'enabled', keep: 'all' });
    // The endpoint refuses a call without reasoning once thinking is on again.
    expect(second?.messages[1]).toMatchObject({ role: 'assistant', reasoning_content: ' ' });
    expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

it('an overflow of the endpoint shortens the history, and the question is asked again', async () => {
  const script = [
    ...['a', 'b', 'c', 'd', 'e'].map((at) => ({
      reasoning: `At ${at}.`,
      calls: [{ name: 'look', arguments: { at } }],
    })),
    { reasoning: 'All seen.', text: 'Done.' },
  ];
  const faults = [{ fault: 'upstream-context-overflow' as const, after: 5 }];
  await withSimulator({ script, faults }, async (model, simulator) => {
    const run = new Agent({ model, tools: [look] }).stream('Look at five things.');
    const notes: string[] = [];
    run.on('history.compacted', ({ note }) => notes.push(note));
    expect((await run.result).text).toBe('Done.');
    expect(notes).toEqual(['dropped the text of 2 old tool results']);
    const last = bodies(simulator).at(-1);
    const thoughts = last?.messages.flatMap((message) =>
      message.role === 'assistant' ? [message.reasoning_content] : [],
    );
    expect(thoughts).toEqual(['At a.', 'At b.', 'At c.', 'At d.', 'At e.']);
  });
});

it('a long conversation is put into a summary by the model itself', async () => {
  const script = [
    { reasoning: 'Hm.', text: 'One.' },
    { text: 'They said hello three times.' },
    { reasoning: 'Hm.', text: 'Two.' },
  ];
  await withSimulator({ script }, async (model, simulator) => {
    const compaction = { atTokens: 60, shorten: compact.summarise({ keep: 1 }) };
    const agent = new Agent({ model, compaction });
    const { messages } = await agent.run('Hello.');
    const history = [...messages, { role: 'user' as const, content: 'Hello again, '.repeat(20) }];
    const result = await agent.run('And again.', {
      history: [...history, { role: 'assistant', content: 'Yes?' }],
    });
    expect(result.text).toBe('Two.');
    expect(result.messages[0]?.content).toMatch(/They said hello three times\.$/);
    expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

it('the sent prefix stays the same from step to step, so the endpoint’s cache finds it', async () => {
  const steps = Array.from({ length: 6 }, (_, at) => ({
    reasoning: `Step ${at}.`,
    calls: [{ name: 'look', arguments: { at: `${at}` } }],
  }));
  await withSimulator({ script: [...steps, { text: 'Done.' }] }, async (model, simulator) => {
    const { usage } = await new Agent({ model, tools: [look] }).run('Look around.');
    expect(simulator.lints).toEqual([]);
    expect(usage.cachedTokens / usage.inputTokens).toBeGreaterThan(0.6);
  });
});

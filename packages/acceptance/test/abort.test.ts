import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import type { Run, RunEvent } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import type { Simulator, SimulatorOptions } from '@throughline/simulator';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';

const deaf = tool({
  name: 'deaf',
  description: 'Never ends, and ignores its signal.',
  inputSchema: z.object({}),
  execute: () => new Promise<never>(() => {}),
});

const slowly: SimulatorOptions = { script: [{ reasoning: 'slow '.repeat(200) }], pieceDelayMs: 10 };

async function withRun(
  options: SimulatorOptions,
  use: (run: Run, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    await use(new Agent({ model, tools: [deaf] }).stream('Go.'), simulator);
    await expect
      .poll(() => simulator.requests.every(({ endedAt }) => endedAt !== undefined))
      .toBe(true);
    expect(simulator.requests.at(-1)?.closedByClient).toBe(true);
  } finally {
    await simulator.close();
  }
}

function when(run: Run, type: RunEvent['type']): Promise<void> {
  return new Promise((resolve) => run.on(type, () => resolve()));
}

describe('an abort', () => {
  it.each([
    ['before the first byte', { script: [{ text: 'late', delayMs: 60_000 }] }, 'step.start'],
    ['in the middle of an answer', slowly, 'reasoning.delta'],
    [
      'while the endpoint is silent',
      { script: [{ text: 'a' }], faults: ['stall-after-headers'] },
      'step.start',
    ],
  ] satisfies [string, SimulatorOptions, RunEvent['type']][])(
    '%s rejects with its own reason and closes the socket',
    async (_when, options, type) => {
      await withRun(options, async (run, simulator) => {
        await when(run, type);
        await expect.poll(() => simulator.requests.length).toBe(1);
        const reason = { why: 'enough' };
        run.abort(reason);
        await expect(run.result).rejects.toBe(reason);
        expect(run.messages).toEqual([{ role: 'user', content: 'Go.' }]);
      });
    },
  );

  it('does not wait for a deaf tool, and leaves a valid conversation', async () => {
    const simulator = await startSimulator({
      script: [{ calls: [{ name: 'deaf', arguments: {} }] }],
    });
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    const run = new Agent({ model, tools: [deaf] }).stream('Go.');
    await when(run, 'call.start');
    run.abort('enough');
    await expect(run.result).rejects.toBe('enough');
    await simulator.close();
    expect(run.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });

  it('is what leaving the iteration early does', async () => {
    await withRun(slowly, async (run) => {
      for await (const event of run) if (event.type === 'reasoning.delta') break;
      await expect(run.result).rejects.toMatchObject({ name: 'AbortError' });
    });
  });

  it('is what the signal option does', async () => {
    const simulator = await startSimulator(slowly);
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    const reason = new Error('the signal says so');
    const signal = AbortSignal.abort(reason);
    await expect(new Agent({ model }).run('Go.', { signal })).rejects.toBe(reason);
    expect(simulator.requests).toEqual([]);
    await simulator.close();
  });
});

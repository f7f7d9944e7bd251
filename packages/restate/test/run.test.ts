import { anyfast } from '@throughline/anyfast';
import { Agent, limit, tool } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import { scriptedModel } from '@throughline/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

describe('an agent on Restate', () => {
  it('runs as it does in one process: the same requests, the same result', async () => {
    const script = [
      {
        reasoning: 'Look 🧵 first.',
        calls: [
          { name: 'look', arguments: { at: 1 } },
          { name: 'look', arguments: { at: 2 } },
          { name: 'pay', arguments: { eur: 10 } },
        ],
      },
      { reasoning: 'Pay more.', calls: [{ name: 'pay', arguments: { eur: 20 } }] },
      { reasoning: 'Done.', text: 'All paid.' },
    ];
    const make = async () => {
      const simulator = await startSimulator({ script });
      const agent = new Agent({
        model: anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key }),
        instructions: 'Be careful.',
        tools: [
          tool({
            name: 'look',
            description: 'Looks.',
            inputSchema: { type: 'object' },
            effect: 'read',
            execute: (input) => ({ seen: input }),
          }),
          tool({
            name: 'pay',
            description: 'Pays.',
            inputSchema: { type: 'object' },
            effect: 'write',
            execute: () => 'paid',
          }),
        ],
      });
      return { simulator, agent };
    };
    const here = await make();
    const expected = await here.agent.run('Pay the bills.');
    const there = await make();
    const { client } = await restate.serve(there.agent);
    const run = await client.start({ input: 'Pay the bills.' });
    const result = await run.result();
    expect(result.text).toBe('All paid.');
    expect(result.messages).toEqual(expected.messages);
    expect(there.simulator.requests.map(({ body }) => body)).toEqual(
      here.simulator.requests.map(({ body }) => body),
    );
    await here.simulator.close();
    await there.simulator.close();
  });

  it('gives a structured output, and ends at a limit, as in one process', async () => {
    const output = {
      type: 'object',
      properties: { eur: { type: 'number' } },
      required: ['eur'],
    } as const;
    const calls = [{ name: 'final_answer', arguments: { eur: 7 } }];
    const structured = new Agent({ model: scriptedModel([{ calls }]), output });
    const { client } = await restate.serve(structured);
    const { output: found } = await (await client.start({ input: 'How much?' })).result();
    expect(found).toEqual({ eur: 7 });

    const look = tool({
      name: 'look',
      description: 'Looks.',
      inputSchema: { type: 'object' },
      effect: 'read',
      execute: () => 'seen',
    });
    const model = scriptedModel(({ toolChoice }) => {
      return toolChoice === 'none'
        ? { text: 'Enough.' }
        : { calls: [{ name: 'look', arguments: {} }] };
    });
    const limited = new Agent({ model, tools: [look], limits: [limit.steps(2)] });
    const { client: second } = await restate.serve(limited);
    const result = await (await second.start({ input: 'Look.' })).result();
    expect(result).toMatchObject({ stopReason: 'limit', text: 'Enough.', limit: { max: 2 } });
  });
});

import { anyfast } from '@throughline/anyfast';
import { Agent, tool } from '@throughline/core';
import { startSimulator } from '@throughline/simulator';
import * as z from 'zod';
import { expect, it } from 'vitest';

it('starts a read about a second before the answer ends, when its second call takes a second to write', async () => {
  const startedAt: Record<string, number> = {};
  const look = tool({
    name: 'look',
    description: 'Looks.',
    inputSchema: z.object({ at: z.string() }),
    effect: 'read',
    execute: ({ at }) => {
      startedAt[at] = performance.now();
      return at;
    },
  });
  // The second call's arguments come in some 60 pieces with 20 ms between them: over a second of writing.
  const second = 'word '.repeat(60);
  const calls = [
    { name: 'look', arguments: { at: 'first' } },
    { name: 'look', arguments: { at: second } },
  ];
  const simulator = await startSimulator({
    script: [{ calls, pieceDelayMs: 20 }, { text: 'Done.' }],
  });
  try {
    const model = anyfast('kimi-k2.6', { baseURL: simulator.url, apiKey: simulator.key });
    const run = new Agent({ model, tools: [look] }).stream('Look twice.');
    let answeredAt = 0;
    run.on('answer', ({ step }) => {
      if (step === 1) answeredAt = performance.now();
    });
    const { messages } = await run.result;
    expect(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      'first',
      second,
    ]);
    // A call is closed when the next one begins. What is checked is the server's own second, not a speed.
    expect(answeredAt - (startedAt['first'] ?? answeredAt)).toBeGreaterThan(700);
  } finally {
    await simulator.close();
  }
});

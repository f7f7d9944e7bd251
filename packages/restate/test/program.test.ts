import { Agent, tool } from '@throughline/core';
import { scriptedModel } from '@throughline/testing';
import { durable, registerWorker, restateClient, startWorker } from '@throughline/restate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';
import { until } from './support/acting.ts';

let restate: LocalRestate;
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(() => restate.stop(), 60_000);

test('the program of the README runs', async () => {
  const model = scriptedModel([
    { calls: [{ name: 'refund', arguments: { eur: 70 } }] },
    { text: 'Refunded.' },
  ]);
  const refund = tool({
    name: 'refund',
    description: 'Refunds.',
    inputSchema: { type: 'object' },
    effect: 'destructive',
    execute: () => 'refunded',
  });
  const { ingressUrl, adminUrl } = restate.server;
  const shown: string[] = [];
  const show = (runId: string, text: string) => shown.push(`${runId} ${text}`);

  // #region worker
  const agent = new Agent({ name: 'support', model, tools: [refund] }); // as it is anywhere

  const worker = await startWorker({
    agents: [
      durable(agent, {
        ingressUrl,
        onEvent(event, runId) {
          if (event.type === 'text.delta') show(runId, event.delta); // e.g. to your own broker
        },
      }),
    ],
  });
  await registerWorker(adminUrl, worker.url); // once for each address
  // #endregion

  // #region client
  const support = restateClient({ agent: 'support', url: ingressUrl });

  const run = await support.session('customer-7').run('I want my money back.');
  const { runId } = run; // support.run(runId) is the same run, in any process
  // #endregion
  await until(async () => (await run.pending()).length > 0);
  // #region decide
  for (const { id, name, arguments: text } of await run.pending()) {
    const mayRun = name === 'refund' && text.length < 100; // a person says so, days later
    await run.decide(mayRun ? { id, approve: true } : { id, refuse: 'Too much.' });
  }
  const { text } = await run.result();
  // #endregion
  expect(text).toBe('Refunded.');
  expect(shown.map((line) => line.split(' ').slice(1).join(' ')).join('')).toBe('Refunded.');
  expect(await support.run(runId).pending()).toEqual([]);
  await worker.close();
});

import { workflow } from '@restatedev/restate-sdk';
import type { WorkflowContext } from '@restatedev/restate-sdk';
import { connect } from '@restatedev/restate-sdk-clients';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerWorker, startWorker } from '../src/index.ts';
import type { Worker } from '../src/index.ts';
import { Pump } from '../src/pump.ts';
import { localRestate } from './support/local-restate.ts';
import type { LocalRestate } from './support/local-restate.ts';

let restate: LocalRestate;
const workers: Worker[] = [];
beforeAll(async () => {
  restate = await localRestate();
}, 60_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await restate.stop();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs a program over a pump, as a workflow. */
async function onRestate<T>(
  name: string,
  program: (pump: Pump, ctx: WorkflowContext) => Promise<T>,
): Promise<T> {
  const made = workflow({
    name,
    handlers: {
      run: (ctx: WorkflowContext) => {
        const pump = new Pump(() => new Error('cancelled'));
        return Promise.race([pump.broken, program(pump, ctx)]);
      },
    },
    options: { retryPolicy: { initialInterval: 20, maxInterval: 50 } },
  });
  const worker = await startWorker({ agents: [[made]] as never });
  workers.push(worker);
  await registerWorker(restate.server.adminUrl, worker.url);
  const client = connect({ url: restate.server.ingressUrl }).workflowClient(made, 'one');
  await client.workflowSubmit();
  return client.workflowAttach() as Promise<T>;
}

describe('the pump', () => {
  it('finds the entries of many branches in their places, however often they are replayed', async () => {
    let attempts = 0;
    const seen: string[][] = [];
    await onRestate('branches', async (pump, ctx) => {
      attempts++;
      const order: string[] = [];
      seen.push(order);
      const branch = async (at: number) => {
        for (const step of ['a', 'b', 'c']) {
          await pump.wait(ctx.run(`${at}${step}`, () => sleep(Math.random() * 10)));
          order.push(`${at}${step}`);
        }
      };
      await Promise.all(Array.from({ length: 12 }, (_, at) => branch(at)));
      if (attempts < 5) throw new Error('once more');
    });
    expect(attempts).toBe(5);
    expect(seen[0]).toHaveLength(36);
    for (const order of seen) expect(order).toEqual(seen[0]);
  });

  it('has an attempt made again, rather than never end, where a step begins late', async () => {
    let attempts = 0;
    const ended = await onRestate('late', async (pump, ctx) => {
      attempts++;
      const slow = pump.wait(ctx.run('slow', () => sleep(200)));
      if (attempts === 1) await sleep(50); // what has to be loaded, once
      await pump.wait(ctx.run('late', () => {}));
      await slow;
      return 'ended';
    });
    expect(ended).toBe('ended');
    expect(attempts).toBe(2);
  });
});

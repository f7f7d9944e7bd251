// What recording on Restate costs a step, beside files and beside no recording. A step is one answer (1 KB of reasoning) and one `write` call
// with a result of 1 KB; the model is in this process. Files record three lines for it, Restate four entries.
//   node --conditions=throughline-source --import=tsx restate-cost.ts
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, tool } from '@throughline/core';
import {
  durable,
  registerWorker,
  restateClient,
  startServer,
  startWorker,
} from '@throughline/restate';
import type { Server } from '@throughline/restate';
import { fileSessions } from '@throughline/sessions';
import { scriptedModel } from '@throughline/testing';

const steps = 20;
const runs = 10;
const rounds = Number(process.argv[2] ?? 5);
const thought = 'a thought of some words '.repeat(42);

const agent = new Agent({
  model: scriptedModel(({ messages }) => {
    const given = messages.filter(({ role }) => role === 'assistant').length;
    if (given === steps) return { text: 'Done.' };
    return { reasoning: thought, calls: [{ name: 'note', arguments: { number: given } }] };
  }),
  tools: [
    tool({
      name: 'note',
      description: 'Notes a number.',
      inputSchema: { type: 'object', properties: { number: { type: 'number' } } },
      execute: () => 'r'.repeat(1_000),
    }),
  ],
});

const dir = await mkdtemp(join(tmpdir(), 'throughline-cost-'));
const server = await startServer({ dir: join(dir, 'restate') });
const worker = await startWorker({ agents: [durable(agent)] });
await registerWorker(server.adminUrl, worker.url);
const client = restateClient({ agent: 'agent', url: server.ingressUrl });
const sessions = fileSessions({ dir: join(dir, 'files') });

let count = 0;
const ways: Record<string, () => Promise<unknown>> = {
  'not recorded': () => agent.run('Go.'),
  async files() {
    const session = await sessions.open(`${++count}`);
    await agent.run('Go.', { session });
    await session.close();
  },
  Restate: async () => (await client.start({ input: 'Go.' })).result(),
};

for (const atOnce of [1, runs]) {
  const took = new Map(Object.keys(ways).map((way) => [way, [] as Cost[]]));
  // In turn, so that what else the machine does meets all alike. The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [way, run] of Object.entries(ways)) {
      const cost = await measure(run, atOnce);
      if (round > 0) took.get(way)?.push(cost);
    }
  }
  for (const [way, costs] of took) {
    const of = (what: keyof Cost) => median(costs.map((cost) => cost[what])).toFixed(2);
    console.log(
      `${atOnce} at once, ${way}: ${of('ms')} ms a step by the clock; processor ${of('workerMs')} ms of the worker, ${of('serverMs')} ms of the server`,
    );
  }
}
await worker.close();
await server.stop();
await rm(dir, { recursive: true });

/** Of one step, in milliseconds. */
interface Cost {
  readonly ms: number;
  readonly workerMs: number;
  readonly serverMs: number;
}

async function measure(run: () => Promise<unknown>, atOnce: number): Promise<Cost> {
  const [cpu, serverMs, fromMs] = [process.cpuUsage(), cpuMsOf(server), performance.now()];
  for (let done = 0; done < runs; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, run));
  }
  const ms = performance.now() - fromMs;
  const { user, system } = process.cpuUsage(cpu);
  const all = runs * (steps + 1);
  return {
    ms: ms / all,
    workerMs: (user + system) / 1000 / all,
    serverMs: (cpuMsOf(server) - serverMs) / all,
  };
}

/** What Linux has counted for a process, in hundredths of a second. */
function cpuMsOf({ pid }: Server): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

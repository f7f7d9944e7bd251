import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { agentOf, seenBy, warmUp } from './agents.ts';
import type { Bench, Figures } from './agents.ts';
import { toSegment } from './script.ts';

const runs = 300;

/** What a run holds in the middle of its answer: all of them have heard a piece of it, and wait for the next. */
export async function measureLive(bench: Bench): Promise<Figures> {
  const crowd = agentOf(bench, { steps: 5, deltas: 36 });
  await warmUp(bench, () => Promise.all(Array.from({ length: 40 }, crowd)), 4);
  const run = agentOf(bench, { steps: 1, deltas: 36, pauseMs: 60_000 });
  const before = heldBytes();
  for (let at = 0; at < runs; at++) run().catch(() => undefined);
  for (let seen = 0; seen < runs; seen += (await seenBy(bench)).requests) await aMoment();
  await aMoment();
  return { 'live.kB': (heldBytes() - before) / runs / 1000 };
}

/** What a run holds whose call waits for a person. */
export async function measureWaiting(bench: Bench): Promise<Figures> {
  const { contender, serverURL } = bench;
  if (contender.wait === undefined) throw new Error('It cannot wait for a person.');
  const start = contender.wait({ baseURL: `${serverURL}/${toSegment({ steps: 2, deltas: 36 })}` });
  for (let at = 0; at < 100; at++) await start();
  const before = heldBytes();
  await Promise.all(Array.from({ length: runs }, start));
  await aMoment();
  return { 'waiting.kB': (heldBytes() - before) / runs / 1000 };
}

/** All that JavaScript holds, once what nobody needs is collected. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 300));
}

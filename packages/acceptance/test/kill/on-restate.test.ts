import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inLanes } from './in-lanes.ts';
import { lifeInSession } from './in-session.ts';
import type { Life } from './in-session.ts';
import type { KeptProgram } from './kept-program.ts';
import { openLane } from './lane.ts';
import type { Lane } from './lane.ts';
import { carryOnRestate } from './on-restate.ts';
import { checkOutcome } from './outcome.ts';
import { buildPrograms } from './programs.ts';
import type { Programs } from './programs.ts';

const isSoak = process.env['THROUGHLINE_SOAK'] === '1';

let programs: Programs;
let expected: Life;
let lanes: readonly Lane[];
beforeAll(async () => {
  programs = await buildPrograms('in-session', 'worker', 'client');
  expected = await lifeInSession(programs, 'files');
  lanes = await Promise.all([openLane(programs, 2), openLane(programs, 2)]);
}, 120_000);
afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
  await programs.remove();
}, 60_000);

describe('on Restate', () => {
  it.each(['worker', 'server'] as const)(
    'a %s that is killed at a point that a run passes leaves it to go on as if nothing had been',
    { timeout: 1_800_000 },
    async (whose) => {
      const all = [...new Set(expected.points)];
      const points = all.filter((_, at) => isSoak || at % 17 === (whose === 'worker' ? 3 : 12));
      const unreached: string[] = [];
      await inLanes(points, lanes, async (killAt, lane) => {
        const name = `${whose}${points.indexOf(killAt)}`;
        const { server, asked } = lane;
        const { ends } = server;
        const first = { killAt, ...(whose === 'server' && { victim: server.pid }) };
        const worker = await lane.worker(name, first);
        await carryOnRestate(lane.place(name, name));
        if (worker.kills + (server.ends - ends) === 0) unreached.push(killAt);
        const found = await lane.outcome(name, name, asked);
        checkOutcome(found, expected);
        // The worker keeps what the server could not take: of no act is the outcome unknown.
        if (whose === 'server') expect(found.messages).toEqual(expected.messages);
        await worker.close();
      });
      expect(unreached).toEqual([]);
    },
  );

  it(
    'a caller that is killed at any point of its own finds the run where it is',
    { timeout: 600_000 },
    async () => {
      const [lane] = lanes;
      if (lane === undefined) throw new Error('There is no lane.');
      const worker = await lane.worker('called');
      const calm = lane.client({ agent: 'called', session: 'calm' });
      await calm.ended;
      expect(calm.points.length).toBeGreaterThan(6);
      const points = calm.points.filter((_, at) => isSoak || at % 5 === 1);
      for (const [index, killAt] of points.entries()) {
        const { asked } = lane;
        const session = `killed${index}`;
        const client = lane.client({ agent: 'called', session }, { killAt });
        await client.ended;
        expect(client.kills).toBe(1);
        checkOutcome(await lane.outcome('called', session, asked), expected);
      }
      await worker.close();
    },
  );

  it(
    'worker, server and caller, killed at any moment, again and again, leave every conversation as if nothing had been',
    { timeout: 3_600_000 },
    async () => {
      const kills = isSoak ? 200 : 20;
      const lane = await openLane(programs, 15);
      const worker = await lane.worker('any');
      const clients: KeptProgram[] = [];
      const killed = () =>
        [worker, ...clients].reduce((sum, kept) => sum + kept.kills, lane.server.ends);
      const converse = async () => {
        while (killed() < kills) {
          const session = `any${clients.length}`;
          const client = lane.client({ agent: 'any', session });
          clients.push(client);
          await client.ended;
          const found = await lane.outcome('any', session);
          checkOutcome({ ...found, requests: [] }, { ...expected, requests: [] });
        }
      };
      const kill = async () => {
        while (killed() < kills) {
          await sleep(100 + Math.random() * 400);
          const among = [worker.pid, worker.pid, lane.server.pid, clients.at(-1)?.pid];
          killNow(among[Math.floor(Math.random() * among.length)]);
        }
      };
      await Promise.all([kill(), converse(), converse(), converse()]);
      // What the endpoint was asked by all of them together.
      checkOutcome(await lane.outcome('any', 'any0'), expected);
      await worker.close();
      await lane.close();
    },
  );

  it(
    'runs that are under way at once in two workers all end when one of them is killed for good',
    { timeout: 1_800_000 },
    async () => {
      const many = isSoak ? 200 : 20;
      const lane = await openLane(programs, 40);
      const [one, other] = await lane.workers('crowd', 2);
      const sessions = Array.from({ length: many }, (_, at) => `crowd${at}`);
      const over = Promise.all(
        sessions.map((session) => carryOnRestate(lane.place('crowd', session))),
      );
      await sleep(300);
      await one?.close();
      await over;
      for (const session of sessions) {
        const found = await lane.outcome('crowd', session);
        checkOutcome({ ...found, requests: [] }, { ...expected, requests: [] });
      }
      // What the endpoint was asked by all of them together.
      checkOutcome(await lane.outcome('crowd', 'crowd0'), expected);
      await other?.close();
      await lane.close();
    },
  );
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing happens where the process has ended by itself. */
function killNow(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

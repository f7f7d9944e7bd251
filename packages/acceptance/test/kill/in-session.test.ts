import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inLanes } from './in-lanes.ts';
import { lifeInSession } from './in-session.ts';
import type { Life } from './in-session.ts';
import { checkOutcome } from './outcome.ts';
import { buildPrograms } from './programs.ts';
import type { Programs } from './programs.ts';

const isSoak = process.env['THROUGHLINE_SOAK'] === '1';

let programs: Programs;
let expected: Life;
beforeAll(async () => {
  programs = await buildPrograms('in-session');
  expected = await lifeInSession(programs, 'files');
}, 60_000);
afterAll(() => programs.remove());

describe.each(['files', 'SQLite'] as const)(
  'a process that records in %s and is killed',
  (store) => {
    it(
      'at a point that its run passes goes on as if nothing had been',
      { timeout: 600_000 },
      async () => {
        const all = [...new Set(expected.points)];
        expect(all.length).toBeGreaterThan(30);
        const points = all.filter((_, at) => isSoak || at % 9 === (store === 'files' ? 0 : 4));
        const unreached: string[] = [];
        await inLanes(points, ['one', 'other'], async (killAt) => {
          const life = await lifeInSession(programs, store, { killAt });
          if (life.kills === 0) unreached.push(killAt);
          checkOutcome(life, expected);
          expect(life.lost).toEqual([]);
        });
        expect(unreached).toEqual([]);
      },
    );

    it('at any moment, again and again, does so too', { timeout: 3_600_000 }, async () => {
      const kills = isSoak ? 200 : 10;
      const life = async () => {
        let times = 0;
        // Three deaths at most, or a slow machine would never come to the end.
        const killAfterMs = () => (times++ < 3 ? 60 + Math.random() * 240 : undefined);
        const found = await lifeInSession(programs, store, { paceMs: 6, killAfterMs });
        checkOutcome(found, expected);
        expect(found.lost).toEqual([]);
        return found.kills;
      };
      for (let killed = 0; killed < kills;) {
        const [one, other] = await Promise.all([life(), life()]);
        killed += one + other;
      }
    });
  },
);

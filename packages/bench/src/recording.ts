import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentOf, costOf, warmUp } from './agents.ts';
import type { Bench, Figures } from './agents.ts';

const agents = 100;
const scenario = { steps: 5, deltas: 36 };

/**
 * 100 agents at once, recorded in different ways: not at all, in files and in SQLite, each line on the disk before it is acted on.
 * They take turns, so that what slows the machine down slows them all.
 */
export async function measureRecorded(bench: Bench): Promise<Figures> {
  const { fileSessions, sqliteSessions } = await import('@throughline/sessions');
  const folder = await mkdtemp(join(tmpdir(), 'throughline-bench-'));
  try {
    const stores = {
      none: undefined,
      files: fileSessions({ dir: join(folder, 'files') }),
      sqlite: sqliteSessions({ file: join(folder, 'all.db') }),
    };
    const figures: Figures = {};
    let session = 0;
    const runs = Object.entries(stores).map(([name, store]) => {
      const open = store && (() => store.open(`session-${session++}`));
      const run = agentOf(bench, scenario, open === undefined ? {} : { open });
      return { name, crowd: () => Promise.all(Array.from({ length: agents }, run)) };
    });
    for (const { crowd } of runs) await warmUp(bench, crowd, 6);
    for (let look = 0; look < 6; look++) {
      for (const { name, crowd } of runs) {
        const { cpuMs, wallMs } = await costOf(crowd, 1, 1);
        const keep = (key: string, ms: number) => {
          const before = figures[key] ?? Infinity;
          figures[key] = Math.min(before, ms / agents / scenario.steps);
        };
        keep(`recorded.${name}CpuMs`, cpuMs);
        keep(`recorded.${name}WallMs`, wallMs);
      }
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

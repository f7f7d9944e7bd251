import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunEvent } from '@throughline/core';
import { fileSessions, sqliteSessions } from '@throughline/sessions';
import { startSimulator } from '@throughline/simulator';
import { scriptOf } from './conversation.ts';
import type { Outcome } from './outcome.ts';
import type { Programs } from './programs.ts';
import { startWorld } from './world.ts';

export type Store = 'files' | 'SQLite';

export interface Life extends Outcome {
  readonly kills: number;
  /** What was told as recorded, and does not stand in the log. */
  readonly lost: readonly RunEvent[];
  /** The points that it passed. */
  readonly points: readonly string[];
}

interface Fate {
  readonly paceMs?: number;
  readonly killAt?: string;
  /** When it dies next; undefined once it may live. */
  readonly killAfterMs?: () => number | undefined;
}

/** One conversation in a session of a store, carried on by new processes until its end. */
export async function lifeInSession(
  programs: Programs,
  store: Store,
  { paceMs = 1, killAt, killAfterMs = () => undefined }: Fate = {},
): Promise<Life> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-life-'));
  const world = await startWorld();
  const simulator = await startSimulator({ script: scriptOf(paceMs) });
  const setting = { store, dir, paceMs, modelUrl: simulator.url, key: simulator.key };
  const points: string[] = [];
  const told: string[] = [];
  try {
    let kills = 0;
    for (;;) {
      const first = kills === 0 ? { killAt } : {};
      const started = programs.start('in-session', { ...setting, worldUrl: world.url, ...first });
      const ms = killAfterMs();
      const timer =
        ms === undefined ? undefined : setTimeout(() => started.process.kill('SIGKILL'), ms);
      const isOver = await started.ended;
      clearTimeout(timer);
      told.push(...started.lines.filter((line) => line.startsWith('told ')));
      points.push(...started.points);
      if (isOver) break;
      kills++;
    }
    const sessions =
      store === 'files'
        ? fileSessions({ dir })
        : sqliteSessions({ file: join(dir, 'sessions.db') });
    const session = await sessions.open('chat');
    const { messages } = session;
    const stored: RunEvent[] = [];
    for await (const lines of session.log.read()) stored.push(...lines.map(({ event }) => event));
    await session.close();
    const lost = told
      .map((line) => JSON.parse(line.slice('told '.length)) as RunEvent)
      .map((event) => (event.type === 'call.event' ? event.event : event))
      .filter(isRecorded)
      .filter((event) => !stored.some((one) => isDeepStrictEqual(one, event)));
    const requests = simulator.requests.map(({ bodyText }) => bodyText);
    return { messages, requests, deeds: world.deeds, kills, points, lost };
  } finally {
    await Promise.all([simulator.close(), world.close()]);
    await rm(dir, { recursive: true, force: true });
  }
}

/** The start of a `read` is not. */
function isRecorded(event: RunEvent): boolean {
  if (event.type === 'call.start') return event.effect !== 'read';
  return [
    'run.start',
    'message',
    'answer',
    'call.end',
    'call.pending',
    'call.decided',
    'run.end',
  ].includes(event.type);
}

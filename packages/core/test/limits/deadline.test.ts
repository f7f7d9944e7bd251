import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Agent, inProcess, limit, tool } from '../../src/index.ts';
import type { LogEntry, Recorder } from '../../src/index.ts';
import { Deadline } from '../../src/limits/deadline.ts';
import { fakeModel } from '../support/model.ts';

const hourMs = 3_600_000;
const { signal } = new AbortController();

/** A recorder whose clock can be set, and that counts how often it is read. */
function withClock(log: LogEntry[] = []) {
  const clock = { offMs: 0, reads: 0 };
  const inner = inProcess({ signal, runId: 'r', log });
  const recorder: Recorder = {
    ...inner,
    now: async () => {
      clock.reads++;
      return Date.now() + clock.offMs;
    },
  };
  return { clock, recorder };
}

describe('the time of a run', () => {
  /** A run of 1,500 ms whose first call moves the clock and whose second one lasts until it is stopped. */
  async function runWhileClockMoves(byMs: number) {
    const { clock, recorder } = withClock();
    const move = tool({
      name: 'move_clock',
      description: 'Moves the clock.',
      inputSchema: z.object({}),
      execute: () => void (clock.offMs += byMs),
    });
    const stay = tool({
      name: 'stay',
      description: 'Never ends.',
      inputSchema: z.object({}),
      execute: () => new Promise<never>(() => {}),
    });
    const model = fakeModel({ calls: [['move_clock', {}]] }, { calls: [['stay', {}]] });
    const limits = [limit.time({ ms: 1_500 }, { atLimit: 'stop' })];
    const agent = new Agent({ model, tools: [move, stay], limits });
    return agent.run('go', { recorder });
  }

  it.each([
    ['back', -hourMs],
    ['forward', hourMs],
  ])('is the same though the clock is set %s', async (_, byMs) => {
    const result = await runWhileClockMoves(byMs);
    expect(result).toMatchObject({ stopReason: 'limit', steps: 2, limit: { max: 1_500 } });
    expect(result.limit?.used).toBeLessThan(hourMs);
    expect(result.messages.at(-1)?.content).toMatch(/did not answer within \d+ ms/);
  });

  it('counts the time before it was resumed in another process', async () => {
    const { clock, recorder } = withClock();
    const deadline = new Deadline(recorder, [limit.time({ ms: 2 * hourMs })]);
    deadline.startedAt(Date.now() - hourMs);
    expect(await deadline.elapsedMs()).toBeGreaterThanOrEqual(hourMs);
    expect(await deadline.leftMs()).toBeLessThanOrEqual(hourMs + 2);
    expect(clock.reads).toBe(1);
  });

  it('is not negative where the other process had a clock that was ahead', async () => {
    const { recorder } = withClock();
    const deadline = new Deadline(recorder, []);
    deadline.startedAt(Date.now() + hourMs);
    expect(await deadline.elapsedMs()).toBeGreaterThanOrEqual(0);
    expect(await deadline.leftMs()).toBeUndefined();
  });

  it('ends with the shortest of its limits', async () => {
    const deadline = new Deadline(withClock().recorder, [
      limit.time({ ms: 2 * hourMs }),
      limit.steps(5),
      limit.time({ ms: hourMs }),
    ]);
    await deadline.start();
    expect(deadline.withinMs).toBe(hourMs);
    expect(await deadline.leftMs()).toBeLessThanOrEqual(hourMs + 2);
  });

  it('stops waiting for work that ignores its signal, and says so', async () => {
    const deadline = new Deadline(withClock().recorder, [limit.time({ ms: 1 })]);
    await deadline.start();
    expect(await deadline.inTime(signal, () => new Promise<never>(() => {}))).toBeUndefined();
    expect(await deadline.inTime(signal, async () => 'done')).toBe('done');
  });

  it('is not up where the run was aborted first', async () => {
    const deadline = new Deadline(withClock().recorder, [limit.time({ ms: hourMs })]);
    await deadline.start();
    const aborted = AbortSignal.abort(new Error('by the host'));
    const work = deadline.inTime(aborted, () => new Promise<never>(() => {}));
    await expect(work).rejects.toThrow('by the host');
  });
});

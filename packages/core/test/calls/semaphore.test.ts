import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../src/calls/semaphore.ts';
import { never, sleep } from '../support/tools.ts';

const { signal } = new AbortController();

describe('semaphore', () => {
  it('let through so many at once, the others in order', async () => {
    const semaphore = new Semaphore(2);
    const log: string[] = [];
    const work = (name: string) =>
      semaphore.use(signal, async () => {
        log.push(`+${name}`);
        await sleep(5);
        log.push(`-${name}`);
      });
    await Promise.all(['a', 'b', 'c', 'd'].map(work));
    expect(log).toEqual(['+a', '+b', '-a', '+c', '-b', '+d', '-c', '-d']);
  });

  it('are given back by work that fails', async () => {
    const semaphore = new Semaphore(1);
    await expect(
      semaphore.use(signal, () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow();
    expect(await semaphore.use(signal, async () => 'next')).toBe('next');
  });

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'are not lost to a wait that is aborted %i moments after its turn came near',
    async (moments) => {
      const semaphore = new Semaphore(1);
      const controller = new AbortController();
      let release = () => {};
      const first = semaphore.use(
        signal,
        () => new Promise<void>((resolve) => (release = resolve)),
      );
      const second = semaphore.use(controller.signal, async () => 'second');
      const third = semaphore.use(signal, async () => 'third');
      const settled = Promise.allSettled([first, second, third]);
      await sleep(1);
      release();
      for (let at = 0; at < moments; at++) await undefined;
      controller.abort('gone');
      expect((await settled)[2]).toEqual({ status: 'fulfilled', value: 'third' });
      expect(await semaphore.use(signal, async () => 'next')).toBe('next');
    },
  );

  it('do not make work wait for itself, but for others', async () => {
    const [outer, inner] = [new Semaphore(1), new Semaphore(1)];
    const depth = await outer.use(signal, () =>
      inner.use(signal, () => outer.use(signal, () => inner.use(signal, async () => 4))),
    );
    expect(depth).toBe(4);
    void outer.use(signal, () => never);
    const controller = new AbortController();
    const waits = outer.use(controller.signal, async () => 'never');
    controller.abort('enough');
    await expect(waits).rejects.toBe('enough');
  });

  it.each([2, 3])(
    'do not let work wait for work that waits for it, %i in a ring',
    async (count) => {
      const ring = Array.from({ length: count }, () => new Semaphore(1));
      const done = ring.map((semaphore, at) =>
        semaphore.use(signal, async () => {
          await sleep(5); // until all of them hold one
          return ring[(at + 1) % count]?.use(signal, async () => at);
        }),
      );
      expect(await Promise.all(done)).toEqual([...ring.keys()]);
    },
  );

  it('bind again once nothing waits in a ring any more', async () => {
    const [a, b] = [new Semaphore(2), new Semaphore(1)];
    await Promise.all([
      b.use(signal, () => sleep(5)),
      a.use(signal, () => b.use(signal, async () => 'waited')),
    ]);
    let most = 0;
    let now = 0;
    const work = async () => {
      most = Math.max(most, ++now);
      await sleep(1);
      now--;
    };
    await b.use(signal, () => Promise.all(Array.from({ length: 8 }, () => a.use(signal, work))));
    expect(most).toBe(2);
  });

  it('let all work come to its end, however it is nested', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 60; round++) {
      const all = Array.from({ length: 2 + random(4) }, () => new Semaphore(1 + random(2)));
      const nest = (depth: number): Promise<unknown> =>
        (all[random(all.length)] as Semaphore).use(signal, async () => {
          if (random(2) === 0) await sleep(0);
          const inside = depth === 0 ? 0 : 1 + random(3);
          await Promise.all(Array.from({ length: inside }, () => nest(depth - 1)));
        });
      await Promise.all(Array.from({ length: 6 }, () => nest(3)));
    }
  });
});

import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { Agent } from '../../src/index.ts';
import { fakeModel } from '../support/model.ts';
import { anyTool } from '../support/tools.ts';

it('one signal of the host may stop a thousand runs; nothing is left on it, and Node warns of nothing', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  const { signal } = new AbortController();
  let most = 0;
  const look = anyTool('look', 'read', () => {
    most = Math.max(most, getEventListeners(signal, 'abort').length);
  });
  const runs = Array.from({ length: 1_000 }, () => {
    const model = fakeModel({ calls: [['look', {}]] }, { text: 'ok' });
    return new Agent({ model, tools: [look] }).run('go', { signal });
  });
  await Promise.all(runs);
  await new Promise(setImmediate); // warnings are told later
  process.off('warning', hear);
  expect(warnings).toEqual([]);
  expect(most).toBe(1);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('one signal of the host stops all its runs, each with its reason', async () => {
  const controller = new AbortController();
  const runs = Array.from({ length: 50 }, () => {
    const model = fakeModel({ parts: [new Promise<never>(() => {})] });
    return new Agent({ model }).run('go', { signal: controller.signal });
  });
  const settled = Promise.allSettled(runs);
  setTimeout(() => controller.abort('enough'), 5);
  expect((await settled).map((one) => 'reason' in one && one.reason)).toEqual(
    Array.from({ length: 50 }, () => 'enough'),
  );
});

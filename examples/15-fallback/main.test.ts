import { expect, it } from 'vitest';
import { run } from '../test/run.ts';

it('answers from the second endpoint, says why, and leaves the first one alone for the next question', async () => {
  const { stdout, code } = await run('15-fallback/main.ts');
  expect(code).toBe(0);
  expect(stdout).toContain('from Harbour to Island leaves at 09:15 and arrives at 10:00.');
  expect(stdout).toContain('from Lighthouse to Island leaves at 15:10 and arrives at 15:35.');
  expect(stdout.match(/model 1 of 2 \("kimi-k2\.6"\) did not answer: .*quota/g)).toHaveLength(1);
  expect(stdout.match(/So far the first endpoint was asked once\./g)).toHaveLength(2);
});

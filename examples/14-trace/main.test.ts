import { expect, it } from 'vitest';
import { run } from '../test/run.ts';

it('prints the answer, and the spans of the run as a tree with their tokens', async () => {
  const { stdout, code } = await run('14-trace/main.ts');
  expect(code).toBe(0);
  expect(stdout).toContain('756.40 EUR are still open');
  const [, tree = ''] = stdout.split(/The trace of this run: \d+ spans\n\n/);
  const [, found] = /The trace of this run: (\d+) spans/.exec(stdout) ?? [];
  const lines = tree.split('\n\n')[0]?.split('\n') ?? [];
  expect(lines).toHaveLength(Number(found));
  expect(lines[0]).toMatch(/^invoke_agent explorer +\d+ ms  \d+ tokens in, \d+ out$/);
  expect(lines[1]).toMatch(/^├ chat kimi-k2.6 +\d+ ms  \d+ tokens in, \d+ out$/);
  expect(tree).toMatch(/^├ execute_tool list_files +\d+ ms$/m);
  expect(tree).toMatch(/^├ execute_tool add_up +\d+ ms$/m);
  expect(lines.at(-1)).toMatch(/^└ chat kimi-k2.6 /);
  expect(stdout).toMatch(/^  gen_ai\.response\.finish_reasons +\["stop"\]$/m);
});

it('prints no word of the conversation beside the answer', async () => {
  const { stdout } = await run('14-trace/main.ts');
  const [, trace = 'none'] = stdout.split('The trace of this run');
  expect(trace).not.toMatch(/owes|EUR|Harbour|invoice/);
});

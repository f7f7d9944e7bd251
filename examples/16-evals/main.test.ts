import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, tempFolder } from '../test/run.ts';

it('judges the answers of the endpoint, and then the same answers from their recording', async () => {
  const dir = await tempFolder();
  const { stdout, code } = await run('16-evals/main.ts', [dir]);
  expect(code).toBe(0);
  const [, asked = '', played = ''] = stdout.split(/Asked of the endpoint|Played from/);
  for (const table of [asked, played]) {
    expect(table).toContain('ferries  4 rows × 2 trials  1.00  passed');
    expect(table).toMatch(/saysIt +calledTool\(find_ferries × 1\) +steps\(≤ 2\) +reasoningKept/);
  }
  const tokens = /\d+ tokens in \(\d+ cached\), \d+ out/;
  expect(tokens.exec(played)?.[0]).toBe(tokens.exec(asked)?.[0]);
  const tape = await readFile(join(dir, 'ferries.jsonl'), 'utf8');
  expect(tape.match(/"type":"request"/g)).toHaveLength(16);
  expect(tape).not.toContain('simulator-key');
});

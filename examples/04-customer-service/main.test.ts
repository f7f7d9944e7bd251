import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, tempFolder } from '../test/run.ts';

const program = '04-customer-service/main.ts';

const ledger = async (dir: string) => {
  const lines = (await readFile(join(dir, 'ledger.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { id: string }).id).sort();
};

it('is killed while a refund waits, and pays it once in another process when a person says yes', async () => {
  const dir = await tempFolder();
  const before = await run(program, ['begin', dir]);
  expect(before.stdout).toMatch(/Process \d+ was killed \(SIGKILL\)/);
  expect(before.stdout).toContain('Paid so far: 18.00 EUR for order 1042\n');
  expect(before.stdout).not.toContain('240.00 EUR for order 1043');
  const after = await run(program, ['decide', dir], { input: 'yes\n' });
  expect(after.stdout).toMatch(/May refund run with \{"id":"1043","eur":240\}\?/);
  expect(after.stdout).toContain('Paid 240.00 EUR back for order 1043.');
  expect(after.code).toBe(0);
  expect(await ledger(dir)).toEqual(['1042', '1043']);
});

it('takes silence for a no', async () => {
  const dir = await tempFolder();
  const { stdout, code } = await run(program, ['both', dir]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Order 1043 is not refunded\./);
  expect(stdout).toContain('Paid in all: 18.00 EUR for order 1042');
  expect(await ledger(dir)).toEqual(['1042']);
});

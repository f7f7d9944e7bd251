import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examples, run, tempFolder } from '../test/run.ts';

it('reads each document, and again where its lines do not come to the total', async () => {
  const { stdout, code } = await run('03-typed-extraction/main.ts');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /40 × Rye flour, bag of 25 kg at 18.50\n.*\n {2}HILL MILL, 2026-11-12: 882.00 EUR\n/,
  );
  expect(stdout).toMatch(/do not come to totalEur/);
  expect(stdout).toContain('North Dairy, 2026-11-14: 116.40 EUR, less 6.00');
  expect(stdout).toContain('no delivery: Pick up the cake tins');
  expect(stdout).toContain('Deliveries for 998.40 EUR in 3 documents.');
});

it('accepts no total that is wrong in the document itself', async () => {
  const folder = await tempFolder();
  await cp(join(examples, '03-typed-extraction/documents'), folder, { recursive: true });
  const mill = join(folder, 'hill-mill.txt');
  await writeFile(mill, (await readFile(mill, 'utf8')).replace('882.00', '900.00'));
  const { shown, code } = await run('03-typed-extraction/main.ts', [folder]);
  expect(code).toBe(1);
  expect(shown).toMatch(/do not come to totalEur/);
  expect(shown).not.toContain('HILL MILL, ');
  expect(shown).not.toMatch(/\n\s+at /);
});

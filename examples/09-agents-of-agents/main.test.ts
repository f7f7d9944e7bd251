import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examples, run, tempFolder } from '../test/run.ts';

it('has each offer read by an agent of its own, and a letter written by another', async () => {
  const folder = await tempFolder();
  const offers = join(folder, 'offers');
  await cp(join(examples, '09-agents-of-agents/offers'), offers, { recursive: true });
  const first = await run('09-agents-of-agents/main.ts', [offers, folder]);
  expect(first.code).toBe(0);
  for (const name of ['hill-roofs', 'brothers-karl', 'sunny-side']) {
    expect(first.stdout).toMatch(
      new RegExp(`its reader: read_file\\(\\{"path":"${name}.txt"\\}\\)`),
    );
  }
  expect(first.stdout).toContain('Written to Brothers Karl. Their 16400 EUR are the lowest');
  await writeFile(join(offers, 'new.txt'), '# New & Sons\n\nPrice: 15000 EUR. We need 4 weeks.\n');
  const second = await run('09-agents-of-agents/main.ts', [offers, folder]);
  expect(second.stdout).toContain('Written to New & Sons.');
  expect(await readFile(join(folder, 'letter.txt'), 'utf8')).toBe(
    'To New & Sons\n\nWe accept your offer of 15000 EUR, and expect you for 4 weeks.\n',
  );
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, tempFolder } from '../test/run.ts';

it('answers from the docs with quotes that stand on the pages it names', async () => {
  const { stdout, code } = await run('06-research/main.ts');
  expect(code).toBe(0);
  expect(stdout).toMatch(/→ search_web\([\s\S]*→ fetch_page\(/);
  expect(stdout.match(/✓ \[\d\] stands on http:\/\/127\.0\.0\.1:\d+\/\w+\.md/g)).toHaveLength(3);
  expect(stdout).not.toContain('✗');
});

it('answers from another site, and says where nothing is found', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'bees.md'), '# Bees\n\nA bee visits two thousand flowers a day.\n');
  const bees = await run('06-research/main.ts', ['How many flowers visits a bee?', folder]);
  expect(bees.stdout).toContain('“A bee visits two thousand flowers a day.” [1]');
  const none = await run('06-research/main.ts', ['Where are my zebras?', folder]);
  expect(none.stdout).toContain('The site has no page about this.');
});

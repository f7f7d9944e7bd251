import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { examples, run, tempFolder } from '../test/run.ts';

const program = '05-coding-agent/main.ts';
const execute = promisify(execFile);

it('sees a test fail, mends the code, sees it pass, and shows the diff', async () => {
  const shop = join(examples, '05-coding-agent/shop/src/price.mjs');
  const before = await readFile(shop, 'utf8');
  const { stdout, code } = await run(program);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /← run_command: Exit code 1 [\s\S]*← edit_file[\s\S]*← run_command: Exit code 0/,
  );
  expect(stdout).toContain('All 2 tests pass now');
  expect(stdout).toMatch(/-  return Math\.floor.*\n\+  return Math\.round/);
  expect(await readFile(shop, 'utf8')).toBe(before);
});

it('works in place where a repository is named, and changes nothing where all tests pass', async () => {
  const root = await tempFolder();
  await cp(join(examples, '05-coding-agent/shop'), root, { recursive: true });
  const file = join(root, 'src/price.mjs');
  await writeFile(file, (await readFile(file, 'utf8')).replace('floor', 'round'));
  await execute('git', ['init', '--quiet'], { cwd: root });
  const { stdout } = await run(program, [root]);
  expect(stdout).toContain('There is nothing to mend.');
  expect(stdout).toContain('Nothing was changed.');
});

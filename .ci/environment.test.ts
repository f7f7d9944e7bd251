import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A variable that is set or deleted, several at once, or the whole environment exchanged for another object. */
const change =
  /\bprocess\.env(?:\.\w+|\[[^\]]+\])?\s*(?:\?\?|\|\||&&)?=(?![=>])|\bdelete process\.env|Object\.assign\(process\.env/;

/** The files of a project share one process, and vitest puts back what it has set itself. */
it('is changed by no test but through vi.stubEnv', () => {
  const known = ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'];
  const listed = execFileSync('git', known, { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const tests = listed.filter((file) => existsSync(join(root, file)));
  expect(tests.length).toBeGreaterThan(250);
  const changing = tests.filter((file) => change.test(readFileSync(join(root, file), 'utf8')));
  expect(changing).toEqual([]);
});

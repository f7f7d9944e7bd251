import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('sync-docs.mjs', import.meta.url));
const fence = '```';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'throughline-docs-'));
  mkdirSync(join(root, 'docs'));
  mkdirSync(join(root, 'examples'));
  write(
    'examples/a.ts',
    'import x;\n\nfunction f() {\n  // #region inner\n  const a = 1;\n\n    // #region deep\n    use(a);\n    // #endregion\n  // #endregion\n}\n',
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function sync(...flags: string[]): { readonly status: number | null; readonly words: string } {
  const { status, stderr } = spawnSync(process.execPath, [script, ...flags, root], {
    encoding: 'utf8',
  });
  return { status, words: stderr };
}

test('code is pulled from its region, moved to the left, without the marks of regions', () => {
  write('docs/a.md', `# A\n\n${fence}ts file=examples/a.ts#inner\nold\n${fence}\n\nafter\n`);
  expect(sync('--check').words).toContain('docs/a.md: its code differs');
  expect(sync().status).toBe(0);
  const written = `# A\n\n${fence}ts file=examples/a.ts#inner\nconst a = 1;\n\n  use(a);\n${fence}\n\nafter\n`;
  expect(readFileSync(join(root, 'docs/a.md'), 'utf8')).toBe(written);
  expect(sync('--check')).toEqual({ status: 0, words: '' });
});

test('a lost file, a lost region, an open block and code from nowhere are each named with their line', () => {
  write('docs/a.md', `${fence}ts file=examples/gone.ts\n${fence}\n`);
  write('docs/b.md', `\n${fence}ts file=examples/a.ts#gone\n${fence}\n`);
  write(
    'docs/c.md',
    `${fence}ts\nconst typed = 'by hand';\n${fence}\n${fence}ts sketch\n${fence}\n`,
  );
  write('docs/d.md', `${fence}sh\nnpm test\n`);
  const { status, words } = sync();
  expect(status).toBe(1);
  expect(words.trim().split('\n')).toEqual([
    'docs/a.md:1: there is no file examples/gone.ts',
    'docs/b.md:2: examples/a.ts has no closed region "gone"',
    expect.stringContaining('docs/c.md:1: this code is taken from no file'),
    'docs/d.md:1: this code block is never closed',
  ]);
});

test('relative links lead to files and headings of the repository', () => {
  write('README.md', '# The `run` & the _walk_\n\n## Twice\n\n## Twice\n');
  write(
    'docs/a.md',
    [
      '[ok](../README.md#the-run--the-walk) [ok](../README.md#twice-1) [ok](https://example.com/x.md)',
      '[gone](gone.md) `[code](nowhere.md)`',
      '[out](../../secret.md)',
      '[no heading](../README.md#thrice)',
      '',
      '[ref]: missing.md',
    ].join('\n'),
  );
  expect(sync().words.trim().split('\n')).toEqual([
    'docs/a.md:2: gone.md leads nowhere',
    'docs/a.md:3: ../../secret.md leads out of the repository',
    'docs/a.md:4: ../README.md#thrice: there is no heading "thrice"',
    'docs/a.md:6: missing.md leads nowhere',
  ]);
});

test('a link that is dead on the site is found without building it', () => {
  write('LICENSE', 'MIT');
  write('AGENTS.md', '# Agents\n\n[ok](LICENSE)\n');
  write('docs/a.md', '[a](../examples/a.ts) [b](b.md)\n\n[licence](../LICENSE)\n');
  write('docs/b.md', '[agents](../AGENTS.md#agents)\n');
  write('README.md', '[![MIT](https://example.com/x.svg)](LICENSE)\n');
  expect(sync().words.trim().split('\n')).toEqual([
    'README.md:1: LICENSE is no page of the site: link to a page, or to nothing',
    'docs/a.md:3: ../LICENSE is no page of the site: link to a page, or to nothing',
    'docs/b.md:1: ../AGENTS.md#agents is no page of the site: link to a page, or to nothing',
  ]);
});

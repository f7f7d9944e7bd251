import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** The files that the table under this heading of docs/design.md names first in its rows. */
function filesUnder(heading: string): readonly string[] {
  const section = read('docs/design.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+[.]ts)` \|/gm)].map(([, file]) => String(file));
}

it('leads through core in at most 3,500 lines, every file once', () => {
  const files = filesUnder('Reading path');
  expect(files.length).toBeGreaterThan(10);
  expect(new Set(files).size).toBe(files.length);
  const lines = files.map((file) => read(`packages/core/src/${file}`).split('\n').length - 1);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3_500);
});

it('names for each folder of core a main file that says what it owns and what it does not', () => {
  const section = read('docs/design.md').split('## The folders of core\n')[1]?.split('\n## ')[0];
  const rows = [...(section ?? '').matchAll(/^\| `([a-z/]+[/])` \|.*\| `([^`]+[.]ts)` \|$/gm)];
  expect(rows.length).toBe(9 + 1);
  for (const [, folder = '', file = ''] of rows) {
    const text = read(`packages/core/src/${folder}${file}`);
    const opening = (text.split('\n\n')[0] ?? '').replaceAll('\n//', '');
    expect(opening.startsWith(`// ${folder} owns`), `${folder}${file}`).toBe(true);
    expect(opening, `${folder}${file}`).toContain('does not own');
  }
});

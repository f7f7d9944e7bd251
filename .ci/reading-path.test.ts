import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = (path: string) => new URL(`../${path}`, import.meta.url);
const read = (path: string) => readFileSync(root(path), 'utf8');

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

it.each([
  ['The folders of core', 'core', 10],
  ['The folders of the transport', 'anyfast', 7],
])('%s: each main file says what its folder owns and what it does not', (heading, name, count) => {
  const section = read('docs/design.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0];
  const rows = [...(section ?? '').matchAll(/^\| `([a-z/]+[/])` \|.*\| `([^`]+[.]ts)` \|$/gm)];
  expect(rows.length).toBe(count);
  for (const [, folder = '', file = ''] of rows) {
    const text = read(`packages/${name}/src/${folder}${file}`);
    const opening = (text.split('\n\n')[0] ?? '').replaceAll('\n//', '');
    expect(opening.startsWith(`// ${folder} owns`), `${folder}${file}`).toBe(true);
    expect(opening, `${folder}${file}`).toContain('does not own');
  }
});

it('names no file that is not there', () => {
  const text = read('docs/design.md');
  const named = [...text.matchAll(/(?<![\w./-])(?:[\w-]+[/])*[\w-]+[.]ts(?![\w-])/g)].map(
    ([file]) => file,
  );
  expect(named.length).toBeGreaterThan(40);
  const homes = ['', 'packages/core/src/', 'packages/anyfast/src/'];
  const mainFiles = [...text.matchAll(/^\| `([a-z/]+[/])` \|.*\| `([^`]+[.]ts)` \|$/gm)];
  const beside = new Set(mainFiles.map(([, , file]) => file));
  const missing = named.filter(
    (file) => !beside.has(file) && !homes.some((home) => existsSync(root(`${home}${file}`))),
  );
  expect(missing).toEqual([]);
});

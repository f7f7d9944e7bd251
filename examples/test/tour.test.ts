import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { examples, run } from './run.ts';

const folders = readdirSync(examples).filter((name) => /^\d\d-/.test(name));

it('says what each example shows', async () => {
  const { stdout, code } = await run('tour.ts', ['--list']);
  expect(code).toBe(0);
  for (const folder of folders) {
    expect(stdout).toMatch(
      new RegExp(`^ *${Number(folder.slice(0, 2))}  ${folder.slice(3)}: .+\\n    \\S.+`, 'm'),
    );
  }
});

it('runs the first where none is named, and says what to try next', async () => {
  const { stdout, code } = await run('tour.ts');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /756\.40 EUR are still open[\s\S]*\nNext: npx -y pnpm@10\.34\.8 start 2 {4}\S/,
  );
});

it('runs an example by its name, with its arguments', async () => {
  const { stdout } = await run('tour.ts', ['first-tool', '.', 'Why?']);
  expect(stdout).toMatch(/^Why\?[\s\S]*one question only/);
});

it('says which name is no example', async () => {
  const { shown, code } = await run('tour.ts', ['nought']);
  expect(shown).toBe(
    'There is no example "nought". `npx -y pnpm@10.34.8 start --list` says which there are.\n',
  );
  expect(code).toBe(1);
});

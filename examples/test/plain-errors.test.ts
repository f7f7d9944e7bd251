import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { examples, tempFolder } from './run.ts';

const root = join(examples, '..');

/** What `pnpm example <file>` runs, without a key. */
function example(file: string) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly example: string };
  };
  const { ANYFAST_API_KEY: _key, ANYFAST_BASE_URL: _url, ...env } = process.env;
  const [, ...words] = manifest.scripts.example.split(' ');
  const { stderr, status } = spawnSync(process.execPath, [...words, file], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  return { stderr, status };
}

it('says in two lines that there is no key, and what runs without one', () => {
  const { stderr, status } = example('examples/first.ts');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^missing_api_key: .*ANYFAST_API_KEY.*\n.*pnpm@10\.34\.8 start.*\n$/);
});

it('shows the stack of a mistake in a program', async () => {
  const file = join(await tempFolder(), 'mistaken.ts');
  await writeFile(file, "throw new TypeError('Mistaken.');\n");
  const { stderr, status } = example(file);
  expect(status).toBe(1);
  expect(stderr).toMatch(/TypeError: Mistaken\.\n +at /);
});

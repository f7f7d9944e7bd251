import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { call, folder, put } from './call.ts';

const here = folder({
  'b.txt': 'bb',
  'a.md': '# a',
  'Z.txt': '',
  'src/deep/index.ts': 'export {};',
  'src/index.ts': 'export {};',
  '.git/config': 'secret',
  'node_modules/zod/index.js': '0',
  'src/node_modules/x.ts': '0',
  'a: strange  name': '1',
});
beforeAll(() => mkdir(join(here.root, 'nothing')));

const list = (input: object = {}, more: object = {}) =>
  call({ root: here.root, ...more }, 'list_files', input);

describe('a folder is listed', () => {
  test('sorted, folders with a slash, files with their size, without what is ignored', async () => {
    await expect(list()).resolves.toBe(
      [
        'The root holds 6 entries:',
        'Z.txt  0 bytes',
        'a.md  3 bytes',
        '"a: strange  name"  1 byte',
        'b.txt  2 bytes',
        'nothing/',
        'src/',
      ].join('\n'),
    );
  });

  test('with all it holds, when asked', async () => {
    await expect(list({ path: 'src', recursive: true })).resolves.toBe(
      [
        '"src" holds 3 entries:',
        'src/deep/',
        'src/deep/index.ts  10 bytes',
        'src/index.ts  10 bytes',
      ].join('\n'),
    );
  });

  test('by what a glob fits, at any depth, from the folder that was asked about', async () => {
    await expect(list({ glob: '*.ts' })).resolves.toMatch(
      /holds 2 files for "\*[.]ts":\nsrc\/deep/,
    );
    await expect(list({ path: 'src', glob: 'deep/*.ts' })).resolves.toContain('src/deep/index.ts');
    await expect(list({ glob: '*.rs' })).resolves.toBe(
      'The root holds no file that fits "*.rs", among 9 entries.',
    );
  });

  test('a page at a time, saying where the next begins', async () => {
    await expect(list({ limit: 2 })).resolves.toBe(
      'The root holds 6 entries. These are 1 to 2. The rest: offset 2.\nZ.txt  0 bytes\na.md  3 bytes',
    );
    await expect(list({ limit: 9, offset: 5 })).resolves.toBe(
      'The root holds 6 entries. These are 6 to 6.\nsrc/',
    );
    await expect(list({ offset: 7 })).resolves.toBe(
      'The root holds 6 entries; there is none after offset 7.',
    );
    await expect(list({ path: 'nothing' })).resolves.toBe('"nothing" holds nothing to list.');
  });

  test('with what is ignored chosen by the host, and a hidden folder when it is named', async () => {
    await expect(list({}, { ignore: ['src'] })).resolves.toContain('.git/\n');
    await expect(list({ path: '.git' })).resolves.toContain('.git/config  6 bytes');
  });
});

test('a page of long names ends before core would cut it', async () => {
  const long = 'n'.repeat(200);
  for (let index = 0; index < 400; index++) {
    await put(join(here.root, 'long', `${String(index).padStart(3, '0')}-${long}`), '');
  }
  const told = await list({ path: 'long', limit: 1_000 });
  expect(told.length).toBeLessThan(45_000);
  const [, end] = /These are 1 to (\d+)[.] The rest: offset \1[.]/.exec(told) ?? [];
  await expect(list({ path: 'long', offset: Number(end) })).resolves.toContain(`long/${end}-nnn`);
});

test('a listing that is aborted rejects with the reason', async () => {
  const reason = new Error('enough');
  const asked = call({ root: here.root }, 'list_files', {}, AbortSignal.abort(reason));
  await expect(asked).rejects.toBe(reason);
});

import { execFileSync } from 'node:child_process';
import { rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ThroughlineError, ToolError } from '@throughline/core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { files } from '../src/index.ts';
import { openFile } from '../src/root.ts';
import { call, folder, put } from './call.ts';

const here = folder({
  'notes/today.md': 'buy milk\n',
  'notes/tomorrow.md': 'sleep\n',
  'caf\u00e9.txt': 'one letter\n',
  'back\\slash.txt': 'a backslash in the name\n',
  'odd\u202ename.txt': 'turned around\n',
});
const secret = 'the secret of the neighbour';

beforeAll(async () => {
  const home = dirname(here.root);
  await put(join(home, 'outside/secret.txt'), secret);
  // Its path begins with the root's own, which a careless comparison takes for inside.
  await put(join(home, 'root-too/secret.txt'), secret);
  await symlink(join(home, 'outside'), join(here.root, 'way-out'));
  await symlink('../outside/secret.txt', join(here.root, 'secret-link'));
  await symlink('../root-too', join(here.root, 'sibling'));
  await symlink('notes', join(here.root, 'inside-link'));
  await symlink('loop', join(here.root, 'loop'));
  await symlink('nowhere', join(here.root, 'broken'));
});

const ways = [
  '..',
  '../outside/secret.txt',
  'notes/../../outside/secret.txt',
  '../root-too/secret.txt',
  '..\\outside\\secret.txt',
  'notes\\..\\..\\outside\\secret.txt',
  '/etc/passwd',
  '//etc/passwd',
  'C:\\Windows\\win.ini',
  'C:/Windows/win.ini',
  '\\\\server\\share\\file',
  'way-out',
  'way-out/secret.txt',
  'way-out/../outside/secret.txt',
  'secret-link',
  'sibling/secret.txt',
  './/way-out//secret.txt',
  '\uff0e\uff0e/outside/secret.txt',
  '%2e%2e/outside/secret.txt',
  '~/secret.txt',
  'notes/today.md\0.png',
  '\0',
];

describe('the root is never left', () => {
  for (const path of ways) {
    test(`by ${JSON.stringify(path)}`, async () => {
      for (const name of ['list_files', 'read_file', 'search_files'] as const) {
        const failure = await call({ root: here.root }, name, { path, text: 'secret' }).then(
          (words) => expect.fail(words),
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(ToolError);
        expect(String(failure)).not.toContain(secret);
        expect(String(failure)).not.toContain(dirname(here.root));
      }
    });
  }

  test('not even to suggest the name of a neighbour', async () => {
    const asked = call({ root: here.root }, 'read_file', { path: 'way-out/secret.tx' });
    await expect(asked).rejects.toThrow('"way-out" is a link that leads out of the root.');
  });

  test('nor by a search or a listing that comes by a link', async () => {
    const found = await call({ root: here.root }, 'search_files', { text: secret });
    expect(found).toMatch(/^No line holds/);
    const listed = await call({ root: here.root }, 'list_files', { recursive: true });
    expect(listed).not.toContain('secret.txt');
    expect(listed).toContain('way-out  (a link that leads nowhere inside the root)');
    expect(listed).toContain('broken  (a link that leads nowhere inside the root)');
    expect(listed).toContain('loop  (a link that leads nowhere inside the root)');
    expect(listed).toContain('inside-link/  (a link)');
  });

  test('by any path put together of such parts', async () => {
    const names =
      '..|.||notes|way-out|sibling|outside|root-too|secret.txt|secret-link|inside-link|loop|broken';
    const part = fc.constantFrom(...names.split('|'), '\\', '..\\', '\u2215', '~', 'C:', '\0');
    const path = fc.tuple(fc.array(part, { maxLength: 7 }), fc.constantFrom('/', '\\', '//'));
    const property = fc.asyncProperty(path, async ([parts, between]) => {
      for (const name of ['list_files', 'read_file', 'search_files'] as const) {
        const input = { path: parts.join(between), text: 'neighbour', recursive: true };
        const told = await call({ root: here.root }, name, input).catch((error: unknown) => {
          expect(error).toBeInstanceOf(ToolError);
          return String(error);
        });
        expect(told).not.toContain(secret);
        expect(told).not.toContain(dirname(here.root));
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('when a folder is exchanged for a link between finding and opening', async () => {
    await put(join(here.root, 'inner/secret.txt'), 'harmless');
    const place = { path: 'inner/secret.txt', real: join(here.root, 'inner/secret.txt') };
    await rename(join(here.root, 'inner'), join(here.root, 'inner-before'));
    await symlink('../outside', join(here.root, 'inner'));
    await expect(openFile(place)).rejects.toThrow('was exchanged while it was opened');
    await rm(join(here.root, 'inner'));
    await symlink('../outside/secret.txt', join(here.root, 'inner-file'));
    const file = { path: 'inner-file', real: join(here.root, 'inner-file') };
    await expect(openFile(file)).rejects.toThrow('was exchanged while it was opened');
    await rm(join(here.root, 'inner-file'));
    await rm(join(here.root, 'inner-before'), { recursive: true });
  });
});

describe('a path is understood', () => {
  const read = (path: string) => call({ root: here.root }, 'read_file', { path });

  for (const path of [
    'notes/today.md',
    './notes//today.md',
    'notes\\today.md',
    'notes/x/../today.md',
  ]) {
    test(`as ${path}`, async () => {
      await expect(read(path)).resolves.toBe('notes/today.md: line 1, the whole file.\nbuy milk\n');
    });
  }

  test('through a link that stays inside', async () => {
    await expect(read('inside-link/today.md')).resolves.toContain('buy milk');
  });

  test('with a backslash that is part of a name', async () => {
    await expect(read('back\\slash.txt')).resolves.toContain('a backslash in the name');
  });

  test('when an accent is written as a letter of its own', async () => {
    await expect(read('cafe\u0301.txt')).resolves.toContain('one letter');
  });

  test('and told so that nothing invisible is left in it', async () => {
    await expect(call({ root: here.root }, 'list_files')).resolves.toContain(
      '"odd\\u202ename.txt"',
    );
    await expect(read('odd\u202ename.txt')).resolves.toContain('turned around');
  });
});

describe('what is not there is told with what is', () => {
  const read = (path: string) => call({ root: here.root }, 'read_file', { path });

  test('the nearest name', async () => {
    await expect(read('notes/todya.md')).rejects.toThrow(
      'There is no "notes/todya.md". "notes" holds no "todya.md"; did you mean "notes/today.md"?',
    );
    await expect(read('Note/today.md')).rejects.toThrow('did you mean "notes/"?');
  });

  test('or the names there are', async () => {
    await expect(read('notes/completely-different.txt')).rejects.toThrow(
      'There is no "notes/completely-different.txt". "notes" holds "today.md", "tomorrow.md".',
    );
  });

  test('a file is not a folder, a folder not a file', async () => {
    await expect(read('notes')).rejects.toThrow(
      '"notes" is a folder; list_files tells what it holds.',
    );
    await expect(read('notes/today.md/x')).rejects.toThrow(
      'goes through a file as if it were a folder',
    );
    const list = call({ root: here.root }, 'list_files', { path: 'notes/today.md' });
    await expect(list).rejects.toThrow('"notes/today.md" is a file; read_file reads it.');
  });

  test('a link to itself and a name too long are sentences too', async () => {
    await expect(read('loop')).rejects.toThrow('"loop" is a link that leads to itself.');
    await expect(read('x'.repeat(5_000))).rejects.toThrow('is longer than any path can be.');
  });

  test.runIf(process.platform !== 'win32')(
    'a pipe is refused at once, not waited for',
    async () => {
      const pipe = join(here.root, 'pipe');
      execFileSync('mkfifo', [pipe]);
      await expect(read('pipe')).rejects.toThrow('"pipe" is neither a file nor a folder.');
      await expect(call({ root: here.root }, 'list_files')).resolves.toContain('pipe  (neither');
      await rm(pipe);
    },
  );
});

describe('a root that cannot be used is refused at once, by name', () => {
  const refusals: readonly (readonly [unknown, string])[] = [
    ['', 'files: the root "" is empty; "." is the working directory.'],
    ['no/such/folder', 'files: the root "no/such/folder" does not exist.'],
    ['package.json/x', 'files: the root "package.json/x" cannot be opened.'],
    [undefined, 'files: the root undefined is not a path.'],
    [7, 'files: the root 7 is not a path.'],
    [new URL('https://example.com/'), 'files: the root "https://example.com/" is not a file: URL.'],
  ];
  for (const [root, words] of refusals) {
    test(words, () => {
      const failure = thrownBy(() => files({ root: root as string }));
      expect(failure).toBeInstanceOf(ThroughlineError);
      expect(failure).toMatchObject({ code: 'invalid_option', message: words });
    });
  }

  test('a file', () => {
    const root = join(here.root, 'notes/today.md');
    expect(thrownBy(() => files({ root }))).toMatchObject({
      code: 'invalid_option',
      message: `files: the root ${JSON.stringify(root)} is not a folder.`,
    });
  });
});

test('a root may be a file: URL or a link', async () => {
  const link = join(dirname(here.root), 'link-to-root');
  await symlink(here.root, link);
  for (const root of [pathToFileURL(here.root), link]) {
    await expect(call({ root }, 'read_file', { path: 'notes/today.md' })).resolves.toContain(
      'milk',
    );
  }
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

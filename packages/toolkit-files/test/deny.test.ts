import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { files } from '../src/index.ts';
import { call, folder } from './call.ts';

const here = folder({
  '.env': 'KEY=hunter2\n',
  '.env.example': 'KEY=hunter-example\n',
  '.ENV.Local': 'KEY=hunter2\n',
  'keys/server.pem': 'hunter2\n',
  'cl\u00e9s/a.txt': 'hunter\n',
  'keys/readme.md': 'hunter-notes\n',
  'private/deep/plan.md': 'hunter-plan\n',
});
beforeAll(() => symlink('.env', join(here.root, 'innocent.txt')));

const ask = (name: Parameters<typeof call>[1], input: object, more: object = {}) =>
  call({ root: here.root, ...more }, name, input);

describe('what holds secrets by its name', () => {
  test.each(['.env', '.ENV.Local', 'keys/server.pem', 'innocent.txt'])(
    'is not read: %s',
    async (path) => {
      await expect(ask('read_file', { path })).rejects.toThrow(/is denied/);
      await expect(ask('search_files', { path, text: 'hunter' })).rejects.toThrow(/is denied/);
    },
  );

  test('is not searched, and the answer says that files were left out', async () => {
    const answer = await ask('search_files', { text: 'hunter' });
    expect(answer).not.toContain('hunter2');
    expect(answer).toContain('hunter-example');
    expect(answer).toContain('3 denied files or folders left out.');
  });

  test('is listed as denied', async () => {
    await expect(ask('list_files', {})).resolves.toContain('\n.env  (denied)\n');
  });

  test('is read where the host denies nothing', async () => {
    await expect(ask('read_file', { path: '.env' }, { deny: [] })).resolves.toContain('hunter2');
  });

  test('leaves the example readable', async () => {
    await expect(ask('read_file', { path: '.env.example' })).resolves.toContain('hunter-example');
  });
});

describe('a denied folder', () => {
  const deny = ['private'];

  test('closes all it holds', async () => {
    const path = 'private/deep/plan.md';
    await expect(ask('read_file', { path }, { deny })).rejects.toThrow(/is denied/);
    await expect(ask('list_files', { path: 'private' }, { deny })).rejects.toThrow(/is denied/);
    const all = await ask('list_files', { recursive: true }, { deny });
    expect(all).toContain('private  (denied)');
    expect(all).not.toContain('plan.md');
    expect(await ask('search_files', { text: 'plan' }, { deny })).toContain('No line holds');
  });

  test('is one name however its accents are written', async () => {
    const spelled = { deny: ['cle\u0301s'] };
    const asked = ask('read_file', { path: 'cl\u00e9s/a.txt' }, spelled);
    await expect(asked).rejects.toThrow(/is denied/);
  });

  test('does not tell its names in a suggestion', async () => {
    const asked = ask('read_file', { path: 'private/deep/plam.md' }, { deny });
    await expect(asked).rejects.toThrow(/^"private" is denied/);
  });
});

describe('globs in options', () => {
  test('leave out of a listing and a search what fits', async () => {
    const ignore = ['*.pem', 'private/**'];
    const all = await ask('list_files', { recursive: true }, { ignore });
    expect(all).not.toContain('server.pem');
    expect(all).not.toContain('deep');
    expect(all).toContain('keys/readme.md');
  });

  const wrong: readonly unknown[] = ['*.pem', [''], [7], ['{a,b}'.repeat(20)]];
  test.each(wrong.map((given) => ({ given: given as readonly string[] })))(
    'are refused at once when they are none: $given',
    ({ given }) => {
      expect(() => files({ root: here.root, ignore: given })).toThrow(/files: ignore/);
      expect(() => files({ root: here.root, deny: given })).toThrow(/files: deny/);
    },
  );
});

describe('a link to a folder whose files are kept', () => {
  const kept = folder({
    'secrets/x.txt': 'hunter2\n',
    'secrets/deep/y.txt': 'hunter2\n',
    '.git/hooks/pre-commit': 'exit 0\n',
    'a.txt': 'a\n',
  });
  const ways = (name: string, input: object) => {
    const options = { root: kept.root, write: true, deny: ['secrets/*'] };
    return call(options, name, input).catch(String);
  };
  beforeAll(async () => {
    await symlink('secrets', join(kept.root, 'keys'));
    await symlink('.git', join(kept.root, 'repository'));
    await symlink('.git/hooks/pre-commit', join(kept.root, 'hook'));
  });

  test.each([
    ['read_file', { path: 'keys/x.txt' }],
    ['search_files', { path: 'keys', text: 'hunter' }],
    ['list_files', { path: 'keys', recursive: true }],
    ['glob', { path: 'keys', pattern: '**' }],
    ['write_file', { path: 'keys/new.txt', content: 'x' }],
    ['write_file', { path: 'keys/x.txt', content: 'x' }],
    ['make_folder', { path: 'keys/made' }],
    ['move', { from: 'keys/x.txt', to: 'open.txt' }],
    ['move', { from: 'a.txt', to: 'keys/a.txt' }],
    ['delete', { path: 'keys/x.txt' }],
    ['delete', { path: 'keys/deep', recursive: true }],
    ['write_file', { path: 'repository/hooks/post-commit', content: 'x' }],
    ['move', { from: 'repository/hooks/pre-commit', to: 'open.txt' }],
    ['delete', { path: 'repository/hooks', recursive: true }],
    ['edit_file', { path: 'hook', edits: [{ old_string: 'exit', new_string: 'x' }] }],
    ['write_file', { path: 'hook', content: 'x' }],
  ])('opens none of them to %s %j', async (name, input) => {
    const before = await readdir(kept.root, { recursive: true });
    const answer = await ways(name, input);
    expect(answer).not.toMatch(/hunter2|y\.txt|: (made|moved|deleted)/);
    expect(answer).toMatch(/denied|is not changed|No file fits/);
    expect(await readdir(kept.root, { recursive: true })).toEqual(before);
  });
});

import { symlink } from 'node:fs/promises';
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

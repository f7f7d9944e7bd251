import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { files } from '../src/index.ts';
import { folder, put, run } from './call.ts';
import { buildWriter } from './support/build-writer.ts';

const here = folder({
  'a.txt': 'a\n',
  '.git/hooks/pre-commit': 'x',
  'node_modules/.bin/tool': 'x',
  '.env': 'KEY=1\n',
  'tree/one.txt': '1',
  'tree/deep/two.txt': '2',
});
const kit = () => files({ root: here.root, write: true });
const text = (path: string) => readFile(join(here.root, path), 'utf8');
const there = (path: string) =>
  lstat(join(here.root, path)).then(
    () => true,
    () => false,
  );

describe('files()', () => {
  it('has no tool that changes anything unless it is told to', () => {
    const names = (options: object) =>
      files({ root: here.root, ...options }).tools.map(({ name }) => name);
    expect(names({})).toEqual(['list_files', 'glob', 'read_file', 'search_files']);
    expect(names({ write: true }).slice(4)).toEqual([
      'write_file',
      'edit_file',
      'make_folder',
      'move',
      'delete',
    ]);
    expect(() => names({ write: 'yes' })).toThrow(
      /files: write is "yes", but it must be true or false/,
    );
  });

  it('gives two calls that work on one file one lock, by whatever path', async () => {
    await symlink('tree', join(here.root, 'other-tree'));
    const tool = kit().tools.find(({ name }) => name === 'write_file');
    const lock = (path: string) => tool?.locks?.({ path, content: '' });
    expect(lock('other-tree/../tree/one.txt')).toEqual(lock('tree/one.txt'));
    expect(lock('other-tree/one.txt')).toEqual(lock('tree/one.txt'));
    expect(lock('other-tree/new.txt')).toEqual(lock('tree\\new.txt'));
    expect(lock('tree/two.txt')).not.toEqual(lock('tree/one.txt'));
    await rm(join(here.root, 'other-tree'));
  });
});

describe('write_file', () => {
  it('makes a file and the folders it needs, and says what it made', async () => {
    const call = run(kit());
    const made = await call('write_file', { path: 'new/folder/b.txt', content: 'one\ntwo\n' });
    expect(made).toBe('new/folder/b.txt: made, 2 lines, 8 bytes.');
    expect(await text('new/folder/b.txt')).toBe('one\ntwo\n');
    expect(await readdir(join(here.root, 'new/folder'))).toEqual(['b.txt']);
  });

  it('replaces no file that this run has not read, and none that has changed since', async () => {
    await put(join(here.root, 'known.txt'), 'old\n');
    const toolkit = kit();
    const [first, second] = [run(toolkit, { id: 'first' }), run(toolkit, { id: 'second' })];
    const ask = { path: 'known.txt', content: 'new\n' };
    await first('read_file', { path: 'known.txt' });
    await expect(second('write_file', ask)).rejects.toThrow(/was not read in this run/);
    const path = join(here.root, 'known.txt');
    const { atime, mtime } = await stat(path);
    await writeFile(path, 'odd\n'); // as long as before, and its time is put back
    await utimes(path, atime, mtime);
    await expect(first('write_file', ask)).rejects.toThrow(/no longer as it was when it was read/);
    expect(await text('known.txt')).toBe('odd\n');
    await first('read_file', { path: 'known.txt' });
    expect(await first('write_file', ask)).toContain('-odd\n+new');
    expect(await first('write_file', { ...ask, content: 'newer\n' })).toContain('-new\n+newer');
    expect(await text('known.txt')).toBe('newer\n');
  });

  it.each([
    ['../x', /leads out of the root/],
    ['a/../../x', /leads out of the root/],
    ['/etc/throughline-test', /absolute path/],
    ['C:\\x', /absolute path/],
    ['x\0y', /NUL/],
    ['.', /is the root itself/],
    ['.git/hooks/post-commit', /leaves "\.git" out/],
    ['node_modules/.bin/other', /leaves "node_modules" out/],
    ['.env', /is denied/],
    ['sub/.env', /is denied/],
    ['a.txt/b', /goes through a file/],
    ['tree', /is a folder/],
    ['CON', /device on Windows/],
    ['a:b', /not every system/],
    ['dot.', /ends in a dot/],
    ['line\nbreak', /cannot be seen/],
    [`${'n'.repeat(256)}`, /longer than any path can be/],
    [`${'é'.repeat(128)}`, /longer than any path can be/],
  ])('refuses the path %j', async (path, words) => {
    const before = await readdir(here.root, { recursive: true });
    await expect(run(kit())('write_file', { path, content: 'x' })).rejects.toThrow(words);
    expect(await readdir(here.root, { recursive: true })).toEqual(before);
  });

  it.each(['-rf', '$(x)', '~', 'file:x', 'ünï'])(
    'takes %j for a plain name, or refuses it',
    async (name) => {
      const told = await run(kit())('write_file', { path: name, content: 'x' }).catch(String);
      const made = (await there(name)) && (await text(name)) === 'x';
      expect(made).toBe(/: made,/.test(told));
      await rm(join(here.root, name), { force: true });
    },
  );

  it('makes nothing behind a link that leads out or nowhere', async () => {
    const outside = join(here.root, '..', 'outside');
    await mkdir(outside);
    await symlink('../outside', join(here.root, 'door'));
    await symlink('../nowhere.txt', join(here.root, 'dangling'));
    for (const path of ['door/x.txt', 'dangling', 'dangling/x.txt']) {
      await expect(run(kit())('write_file', { path, content: 'x' })).rejects.toThrow();
    }
    expect(await readdir(outside)).toEqual([]);
    expect(await readdir(join(here.root, '..'))).not.toContain('nowhere.txt');
    expect((await lstat(join(here.root, 'dangling'))).isSymbolicLink()).toBe(true);
    for (const name of ['door', 'dangling']) await rm(join(here.root, name));
  });

  it('waits for no pipe and writes into no socket', async () => {
    spawnSync('mkfifo', [join(here.root, 'pipe')]);
    const server = createServer().listen(join(here.root, 'socket'));
    await once(server, 'listening');
    for (const path of ['pipe', 'socket']) {
      await expect(run(kit())('write_file', { path, content: 'x' })).rejects.toThrow(
        /neither a file nor a folder|cannot be/,
      );
    }
    server.close();
    await rm(join(here.root, 'pipe'));
  });

  it('writes nothing for a call that was aborted', async () => {
    const call = run(kit(), { signal: AbortSignal.abort(new Error('stop')) });
    await expect(call('write_file', { path: 'aborted.txt', content: 'x' })).rejects.toThrow('stop');
    expect(await there('aborted.txt')).toBe(false);
  });

  it('loses no change of two runs of one process that edit one file at once', async () => {
    await put(
      join(here.root, 'both.txt'),
      Array.from({ length: 20 }, (_, at) => `line ${at}:\n`).join(''),
    );
    const toolkit = kit();
    const edit = async (id: string, at: number) => {
      const call = run(toolkit, { id });
      for (;;) {
        await call('read_file', { path: 'both.txt' });
        const edits = [{ old_string: `line ${at}:`, new_string: `line ${at}: done` }];
        const told = await call('edit_file', { path: 'both.txt', edits }).catch(String);
        if (told.includes('1 place changed')) return;
        expect(told).toMatch(/no longer as it was/);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, at) => edit(`run-${at}`, at)));
    expect((await text('both.txt')).match(/done/g)).toHaveLength(20);
  });
});

describe('make_folder, move and delete', () => {
  it('make, move and delete what they are asked for', async () => {
    const call = run(kit());
    expect(await call('make_folder', { path: 'm/n' })).toBe('m/n/: made.');
    expect(await call('make_folder', { path: 'm/n' })).toBe('m/n/: it is there already.');
    await expect(call('make_folder', { path: 'a.txt' })).rejects.toThrow(/is a file/);
    await call('write_file', { path: 'm/n/x.txt', content: 'x' });
    expect(await call('move', { from: 'm/n/x.txt', to: 'm/y.txt' })).toBe(
      'm/n/x.txt: moved to m/y.txt.',
    );
    // What was read is still known under the new path.
    expect(await call('write_file', { path: 'm/y.txt', content: 'y' })).toContain('replaced');
    expect(await call('move', { from: 'm', to: 'z/m' })).toBe('m: moved to z/m.');
    expect(await text('z/m/y.txt')).toBe('y');
    await expect(call('delete', { path: 'z' })).rejects.toThrow(/holds 3 entries. Set recursive/);
    expect(await call('delete', { path: 'z', recursive: true })).toBe(
      'z/: deleted, with 3 entries in it.',
    );
    expect(await there('z')).toBe(false);
  });

  it('move overwrites nothing, and goes neither into itself nor away from what is kept', async () => {
    const call = run(kit());
    const refused = [
      [{ from: 'a.txt', to: 'tree/one.txt' }, /is there already/],
      [{ from: 'a.txt', to: 'a.txt' }, /where it is already/],
      [{ from: 'tree', to: 'tree/deep/tree' }, /into itself/],
      [{ from: 'tree', to: 'a.txt' }, /is there already/],
      [{ from: '.env', to: 'env.txt' }, /is denied/],
      [{ from: 'a.txt', to: '.env' }, /is denied/],
      [{ from: '.git', to: 'git' }, /leaves "\.git" out/],
      [{ from: '.', to: 'x' }, /is the root itself/],
      [{ from: 'nothing.txt', to: 'x' }, /There is no/],
      [{ from: 'a.txt', to: '../x' }, /leads out/],
    ] as const;
    for (const [ask, words] of refused) await expect(call('move', ask)).rejects.toThrow(words);
    await put(join(here.root, 'holder/.env'), 'KEY=2');
    await expect(call('move', { from: 'holder', to: 'open' })).rejects.toThrow(/is denied/);
    await expect(call('delete', { path: 'holder', recursive: true })).rejects.toThrow(/is denied/);
    expect([await text('a.txt'), await text('tree/one.txt'), await text('holder/.env')]).toEqual([
      'a\n',
      '1',
      'KEY=2',
    ]);
  });

  it('delete takes a link away and not what it leads to, and never the root', async () => {
    const call = run(kit());
    await put(join(here.root, '../target/kept.txt'), 'kept');
    await put(join(here.root, 'links/own.txt'), 'own');
    await symlink('../../target', join(here.root, 'links/out'));
    expect(await call('delete', { path: 'links', recursive: true })).toContain('with 2 entries');
    expect(await readFile(join(here.root, '../target/kept.txt'), 'utf8')).toBe('kept');
    for (const path of ['.', '', 'tree/..']) {
      await expect(call('delete', { path, recursive: true })).rejects.toThrow(/is the root itself/);
    }
    expect(await there('tree/one.txt')).toBe(true);
  });
});

/** Writes, and dies before the operation of the file system of that number. Says by which signal it ended. */
async function writeAndDie(writer: string, root: string, at: number): Promise<string | null> {
  const child = spawn(process.execPath, [writer, root, String(at)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(code ?? 0).toBe(0);
  return signal;
}

describe('a process that is killed at any point of a write', () => {
  it('leaves the old file or the new one, whole, and the next write takes away what it left', async () => {
    const root = join(here.root, 'killed');
    const writer = await buildWriter(join(here.root, '..', 'programs'));
    const states = new Set<string>();
    const left = new Set<boolean>();
    let deaths = 0;
    for (let at = 1; ; at++) {
      await put(join(root, 'file.txt'), 'old\n'.repeat(1_000));
      const signal = await writeAndDie(writer, root, at);
      const now = await readFile(join(root, 'file.txt'), 'utf8');
      expect(['old\n'.repeat(1_000), 'new\n'.repeat(1_000)]).toContain(now);
      states.add(now.slice(0, 3));
      left.add((await readdir(root)).length > 1);
      const call = run(files({ root, write: true }));
      expect(await call('list_files', { path: '.' })).not.toContain('throughline-');
      await call('write_file', { path: 'other.txt', content: 'x' });
      expect(await readdir(root)).toEqual(['file.txt', 'other.txt']);
      await rm(join(root, 'other.txt'));
      if (signal === null) break; // it had no more to do
      deaths++;
    }
    expect(deaths).toBeGreaterThan(8);
    expect([...states].toSorted()).toEqual(['new', 'old']);
    expect(left).toEqual(new Set([true, false]));
  }, 120_000);
});

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { files } from '../src/index.ts';
import { folder, put, run } from './call.ts';
import { buildWriter } from './support/build-writer.ts';

const here = folder({ 'a.txt': 'a\n' });
const calls = () => run(files({ root: here.root, write: true }));
const edit = (old: string, fresh: string) => [{ old_string: old, new_string: fresh }];

describe('a file that is changed', () => {
  let writer: string;
  beforeAll(async () => {
    writer = await buildWriter(join(here.root, '..', 'programs'));
  });

  it('is the one of two whose names read the same that was asked for', async () => {
    const [one, two] = ['caf\u00e9.txt', 'cafe\u0301.txt'];
    await put(join(here.root, one), 'one\n');
    await put(join(here.root, two), 'two\n');
    const call = calls();
    await call('read_file', { path: two });
    await expect(call('edit_file', { path: one, edits: edit('one', 'x') })).rejects.toThrow(
      /was not read/,
    );
    await call('edit_file', { path: two, edits: edit('two', 'zwei') });
    const texts = [one, two].map((name) => readFile(join(here.root, name), 'utf8'));
    expect(await Promise.all(texts)).toEqual(['one\n', 'zwei\n']);
  });

  it('does not get a second name that reads the same', async () => {
    await put(join(here.root, 'na\u00efve.txt'), 'one\n');
    const ask = { path: 'nai\u0308ve.txt', content: 'x' };
    await expect(calls()('write_file', ask)).rejects.toThrow(/was not read/);
  });

  it('loses the right to run as its owner, as with every program that writes', async () => {
    const path = join(here.root, 'tool.sh');
    await put(path, '#!/bin/sh\nid\n');
    await chmod(path, 0o6755);
    const call = calls();
    await call('read_file', { path: 'tool.sh' });
    await call('edit_file', { path: 'tool.sh', edits: edit('id', 'whoami') });
    expect((await stat(path)).mode & 0o7777).toBe(0o755);
  });

  it('is whole after six processes have written it at once', async () => {
    const root = join(here.root, 'shared');
    await put(join(root, 'file.txt'), 'old\n');
    const others = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [writer, root, '0'], { stdio: 'ignore' }),
    );
    const ends = await Promise.all(others.map((other) => once(other, 'exit')));
    expect(ends.some(([code]) => code === 0)).toBe(true);
    expect(await readFile(join(root, 'file.txt'), 'utf8')).toBe('new\n'.repeat(1_000));
    expect(await readdir(root)).toEqual(['file.txt']);
  }, 30_000);

  it('is the old one, and nothing stands beside it, when the disk takes no more', async () => {
    const root = join(here.root, 'full');
    await put(join(root, 'file.txt'), 'old\n');
    const limited = 'ulimit -f 1; exec "$@"'; // a file may have 1,024 bytes
    const words = ['-c', limited, 'bash', process.execPath, writer, root, '0'];
    const child = spawn('bash', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    await once(child, 'close');
    expect(said).toMatch(/"file.txt" cannot be written/);
    expect(await readFile(join(root, 'file.txt'), 'utf8')).toBe('old\n');
    expect(await readdir(root)).toEqual(['file.txt']);
  }, 30_000);
});

describe('what a killed process left beside a file', () => {
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  const temporary = (end: string) => `.throughline-${host}-${process.pid}-${end}.tmp`;

  it('is taken away also where that process had the same number, as in a container that starts again', async () => {
    const [before, now] = [temporary('0'.repeat(12)), temporary('1'.repeat(12))];
    await put(join(here.root, 'again', before), 'x');
    await put(join(here.root, 'again', now), 'x');
    const longAgo = Date.now() / 1_000 - process.uptime() - 5;
    await utimes(join(here.root, 'again', before), longAgo, longAgo);
    await calls()('write_file', { path: 'again/b.txt', content: 'x' });
    expect(await readdir(join(here.root, 'again'))).toEqual([now, 'b.txt']);
  });
});

describe('delete and move', () => {
  it('say what is left where a name is no UTF-8, and list it', async () => {
    const odd = Buffer.concat([Buffer.from(join(here.root, 'odd/')), Buffer.of(0xff, 0xfe)]);
    await mkdir(join(here.root, 'odd'));
    await writeFile(odd, 'x');
    const call = calls();
    expect(await call('list_files', { path: 'odd' })).toMatch(/cannot be read/);
    await expect(call('delete', { path: 'odd', recursive: true })).rejects.toThrow(
      /0 entries of 2/,
    );
    await expect(call('move', { from: 'odd/\ufffd\ufffd', to: 'x' })).rejects.toThrow();
    await rm(join(here.root, 'odd'), { recursive: true });
  });

  it('end with a sentence in a folder that is 2,500 deep', async () => {
    const make = 'for (let at = 0; at < 2500; at++) { fs.mkdirSync("d"); process.chdir("d"); }';
    await mkdir(join(here.root, 'deep'));
    execFileSync(process.execPath, ['-e', make], { cwd: join(here.root, 'deep') });
    const call = calls();
    await expect(call('delete', { path: 'deep', recursive: true })).rejects.toThrow(
      /cannot be read/,
    );
    expect(await call('list_files', { path: 'deep', recursive: true })).toMatch(/entries/);
    await expect(call('read_file', { path: `deep/${'d/'.repeat(1_900)}x` })).rejects.toThrow(
      /these tools go 200 deep/,
    );
    execFileSync('rm', ['-rf', join(here.root, 'deep')]);
  }, 30_000);

  it('take a folder with a loop of links', async () => {
    await put(join(here.root, 'loop/x.txt'), 'x');
    await symlink('.', join(here.root, 'loop/self'));
    await symlink('../..', join(here.root, 'loop/up'));
    const call = calls();
    await call('move', { from: 'loop', to: 'looped' });
    expect(await call('delete', { path: 'looped', recursive: true })).toContain('3 entries');
    expect(await readFile(join(here.root, 'a.txt'), 'utf8')).toBe('a\n');
  });
});

describe('a path with very many names', () => {
  it.each(['write_file', 'make_folder', 'read_file', 'delete', 'move'])(
    'is answered by %s without delay',
    async (name) => {
      for (const path of ['a/'.repeat(2_000), 'a/'.repeat(500_000), `.${'/'.repeat(500_000)}a`]) {
        const input = { path: `${path}b`, from: 'a.txt', to: `${path}b`, content: 'x' };
        const tool = files({ root: here.root, write: true }).tools.find((one) => one.name === name);
        expect(tool?.locks?.(input)).not.toEqual([]);
        await calls()(name, input).catch(String);
      }
      await rm(join(here.root, 'a'), { recursive: true, force: true });
    },
    30_000,
  );
});

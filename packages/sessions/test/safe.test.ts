import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionLine, SessionStore } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSessions, sqliteSessions } from '../src/index.ts';
import { thisProcess } from '../src/owner.ts';

let home: string;
let dir: string;
let before: number;
beforeEach(async () => {
  before = process.umask(0o022);
  home = await mkdtemp(join(tmpdir(), 'throughline-safe-'));
  dir = join(home, 'sessions');
});
afterEach(async () => {
  process.umask(before);
  await rm(home, { recursive: true, force: true });
});

function line(seq: number, content: string): SessionLine {
  const messages = [{ role: 'user' as const, content }];
  const event = { type: 'message', runId: 'r', source: 'input', messages } as const;
  return { seq, v: 1, runId: 'r', key: `input/${seq}`, event };
}

async function store(sessions: SessionStore, id: string, count = 3): Promise<void> {
  const session = await sessions.open(id);
  for (let seq = 1; seq <= count; seq++) await session.log.append(seq - 1, [line(seq, `m${seq}`)]);
  await session.close();
}

const header = (id: string, more = {}) =>
  `${JSON.stringify({ throughline: 'session', v: 1, id, createdAtMs: 0, ...more })}\n`;

/** The modes of all that stands below a folder, by whether it is one. */
async function modes(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const all = entries.map(async (entry) => {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    return `${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`;
  });
  return [...new Set(await Promise.all(all))].toSorted();
}

describe('what is said in a session', () => {
  it('is for its owner alone, whatever the umask: files', async () => {
    const sessions = fileSessions({ dir });
    const session = await sessions.open('chat');
    await session.log.append(0, [line(1, 'x'.repeat(300_000))]);
    await sessions.fork('chat', 'fork');
    expect(await modes(home)).toEqual(['file 600', 'folder 700']); // its lock is there as well
    await session.close();
  });

  it('is for its owner alone, whatever the umask: SQLite', async () => {
    const session = await sqliteSessions({ file: join(dir, 'all.db') }).open('chat');
    await session.log.append(0, [line(1, 'secret')]);
    expect((await readdir(dir)).toSorted()).toEqual(['all.db', 'all.db-shm', 'all.db-wal']);
    expect(await modes(home)).toEqual(['file 600', 'folder 700']);
    await session.close();
  });
});

describe('a database', () => {
  const descriptors = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(home);
      } catch {
        return false;
      }
    }).length;

  it('holds what was said once its session is closed, not only its write-ahead log', async () => {
    const file = join(dir, 'all.db');
    await store(sqliteSessions({ file }), 'chat');
    const copy = join(home, 'copy.db');
    await writeFile(copy, await readFile(file)); // without the log
    const session = await sqliteSessions({ file: copy }).open('chat');
    expect(session.messages.map(({ content }) => content)).toEqual(['m1', 'm2', 'm3']);
    await session.close();
  });

  it.runIf(process.platform === 'linux')(
    'opens no more files however many sessions are opened and closed',
    async () => {
      const sessions = sqliteSessions({ file: join(dir, 'all.db') });
      await store(sessions, 'first');
      const open = descriptors();
      for (let n = 0; n < 100; n++) await store(sessions, `chat ${n}`, 1);
      expect(descriptors()).toBe(open);
    },
  );

  it('is found anew where another file stands in its place', async () => {
    const file = join(dir, 'all.db');
    await store(sqliteSessions({ file }), 'chat');
    await rm(dir, { recursive: true });
    const session = await sqliteSessions({ file }).open('chat');
    expect(session.lastSeq).toBe(0);
    await session.close();
  });

  /** A log that a crash left: of another process, since this one writes it back. */
  async function crashed(): Promise<string> {
    const file = join(dir, 'all.db');
    const session = await sqliteSessions({ file }).open('chat');
    for (let seq = 1; seq <= 8; seq++) await session.log.append(seq - 1, [line(seq, `m${seq}`)]);
    const copy = join(home, 'crashed.db');
    for (const end of ['', '-wal']) await writeFile(copy + end, await readFile(file + end));
    await session.close();
    return copy;
  }

  it.each([
    ['in its first frame', 100],
    ['in its head', 0],
    ['in the middle', 30_000],
  ])(
    'whose write-ahead log is damaged %s is told, and nothing is taken for an empty session',
    async (_where, at) => {
      const file = await crashed();
      const log = await open(`${file}-wal`, 'r+');
      await log.write(Buffer.alloc(600, 0xa5), 0, 600, at);
      await log.close();
      await expect(sqliteSessions({ file }).open('chat')).rejects.toMatchObject({
        code: 'session_corrupt',
        message: expect.stringMatching(/-wal is damaged, .* Nothing was changed/) as string,
      });
    },
  );

  it.each([
    ['untouched', 0],
    ['without its last bytes', 100],
    ['without its last transaction', 9_000],
  ])('whose write-ahead log a crash left %s is read as far as it is whole', async (_how, less) => {
    const file = await crashed();
    const { size } = await stat(`${file}-wal`);
    const log = await open(`${file}-wal`, 'r+');
    await log.truncate(size - less);
    await log.close();
    const session = await sqliteSessions({ file }).open('chat2');
    await session.close();
    expect(await sqliteSessions({ file }).list()).toMatchObject([{ id: 'chat' }]);
  });
});

describe('a file of a session', () => {
  it.each(['its file', 'its large event'])(
    'that is a link is refused, and nothing is written through it: %s',
    async (which) => {
      const outside = join(home, 'outside');
      await writeFile(outside, header('chat'));
      const sessions = fileSessions({ dir });
      if (which === 'its file') {
        await mkdir(dir);
        await symlink(outside, join(dir, 'chat.jsonl'));
      } else {
        const session = await sessions.open('chat');
        await session.log.append(0, [line(1, 'x'.repeat(300_000))]);
        await session.close();
        const large = join(dir, 'chat.large');
        const [name = ''] = await readdir(large);
        await writeFile(outside, await readFile(join(large, name)));
        await rm(join(large, name));
        await symlink(outside, join(large, name));
      }
      const kept = await readFile(outside);
      await expect(sessions.open('chat')).rejects.toMatchObject({
        code: 'session_storage',
        message: expect.stringMatching(/it is a link/) as string,
      });
      expect(await readFile(outside)).toEqual(kept);
    },
  );

  it('whose forks go round in a circle is told, never read for ever', async () => {
    await mkdir(dir);
    await writeFile(join(dir, 'a.jsonl'), header('a', { parent: { id: 'b', seq: 1 } }));
    await writeFile(join(dir, 'b.jsonl'), header('b', { parent: { id: 'a', seq: 1 } }));
    await expect(fileSessions({ dir }).open('a')).rejects.toMatchObject({
      code: 'session_corrupt',
      message: expect.stringMatching(/is a fork of itself/) as string,
    });
    const file = join(dir, 'all.db');
    const sessions = sqliteSessions({ file });
    await store(sessions, 'a');
    await sessions.fork('a', 'b');
    const { default: Libsql } = (await import('libsql')) as unknown as {
      default: new (path: string) => { exec(sql: string): void; close(): void };
    };
    const db = new Libsql(file);
    db.exec("UPDATE sessions SET parent = 'b', parent_seq = 3 WHERE id = 'a'");
    db.close();
    await expect(sessions.open('b')).rejects.toMatchObject({ code: 'session_corrupt' });
  });

  it.each(['null', '3', '[]', '"text"'])('that holds a line %s is told in words', async (text) => {
    await mkdir(dir);
    await writeFile(join(dir, 'chat.jsonl'), `${header('chat')}${text}\n`);
    const sessions = fileSessions({ dir });
    await expect(sessions.open('chat')).rejects.toMatchObject({
      code: 'session_corrupt',
      message: expect.stringMatching(
        /^Line 1 of the session "chat" is not a line of a session/,
      ) as string,
    });
    await expect(sessions.fork('chat', 'other')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('whose name is no id stands in the list by its name, and hides no other', async () => {
    const sessions = fileSessions({ dir });
    await store(sessions, 'chat');
    await writeFile(join(dir, '%zz.jsonl'), 'x');
    expect((await sessions.list()).map(({ id }) => id).toSorted()).toEqual(['%zz', 'chat']);
  });
});

describe('a lock', () => {
  async function planted(owner: object, number = '1'): Promise<void> {
    await mkdir(join(dir, '.locks'), { recursive: true });
    await writeFile(join(dir, '.locks', `chat.${number}`), JSON.stringify(owner));
  }
  const gone = { ...thisProcess(), pid: 2 ** 30, started: 'x' };

  it('of a process that is gone is taken over', async () => {
    await planted(gone);
    await (await fileSessions({ dir }).open('chat')).close();
  });

  it.runIf(process.platform === 'linux')(
    'of another container with the same host name holds, though no process here has its number',
    async () => {
      const [boot] = (gone.space ?? '').split(' ');
      await planted({ ...gone, space: `${boot} pid:[4]` });
      await expect(fileSessions({ dir }).open('chat')).rejects.toMatchObject({
        code: 'session_locked',
        message: expect.stringMatching(
          /open in process \d+ of another container.*remove /,
        ) as string,
      });
    },
  );

  it.runIf(process.platform === 'linux')(
    'of the time before this machine was started again is taken over',
    async () => {
      await planted({ ...gone, space: 'another-boot pid:[4]' });
      await (await fileSessions({ dir }).open('chat')).close();
    },
  );

  it('of another machine holds', async () => {
    await planted({ ...gone, host: `not-${hostname()}` });
    await expect(fileSessions({ dir }).open('chat')).rejects.toMatchObject({
      code: 'session_locked',
    });
  });

  it.each(['9007199254740992', '9'.repeat(60)])(
    'with the number %s is told, never counted up for ever',
    async (number) => {
      await planted(gone, number);
      await expect(fileSessions({ dir }).open('chat')).rejects.toMatchObject({
        code: 'session_corrupt',
        message: expect.stringMatching(/is no lock that this package has made/) as string,
      });
    },
  );
});

it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'two containers of one host name do not both hold a session',
  async () => {
    const holder = await fileSessions({ dir }).open('chat');
    const script = `
    const { fileSessions } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    await fileSessions({ dir: ${JSON.stringify(dir)} }).open('chat').then(
      () => console.log('opened'),
      ({ code }) => console.log(code),
    );`;
    const run = [
      '--conditions=throughline-source',
      '--import=tsx',
      '--input-type=module',
      '-e',
      script,
    ];
    const said = execFileSync(
      'unshare',
      ['--pid', '--fork', '--mount-proc', process.execPath, ...run],
      {
        cwd: join(import.meta.dirname, '..'),
        encoding: 'utf8',
      },
    );
    expect(said.trim()).toBe('session_locked');
    await holder.close();
    await chmod(dir, 0o700);
  },
);
